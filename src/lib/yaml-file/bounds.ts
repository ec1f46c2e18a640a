import { Parser, type CST } from 'yaml'

const longest = 4 * 2 ** 20
const deepest = 60
/** Keys are compared with each other. */
const mostKeys = 5000
const mostNodes = 200_000

/** Why a text is too much to be composed; null where it is not. Takes time by its length alone. */
export function tooMuch(text: string): string | null {
  if (text.length > longest) return `this file is longer than ${longest} characters`
  let nodes = 0
  for (const token of new Parser().parse(text)) {
    const open: { token: CST.Token | null | undefined; depth: number }[] = [{ token, depth: 0 }]
    for (let next = open.pop(); next; next = open.pop()) {
      const { token: at, depth } = next
      if (!at) continue
      nodes += 1
      if (nodes > mostNodes) return `this file has more than ${mostNodes} parts`
      if (depth > deepest) return `this file is nested more than ${deepest} deep`
      if (at.type === 'document') open.push({ token: at.value, depth })
      if (!('items' in at)) continue
      if (at.items.length > mostKeys && at.type !== 'block-seq' && !isList(at))
        return `one place of this file has more than ${mostKeys} keys`
      for (const item of at.items) {
        if ('key' in item) open.push({ token: item.key, depth: depth + 1 })
        open.push({ token: item.value, depth: depth + 1 })
      }
    }
  }
  return null
}

function isList(token: CST.Token): boolean {
  return token.type === 'flow-collection' && token.start.source === '['
}
