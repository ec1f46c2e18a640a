const longest = 2 ** 20
const mostBlocks = 1000
const deepest = 50

/** Opens, closes or goes on with a block. */
const turns = /\{\{\{?\{?~?\s*(?:(?<open>#|\^(?!\s*~?\}))|(?<close>\/)|(?<other>else\b|\^))|\{\{\{\{/g

/** Throws where a template is so long, or so deep in itself, that reading it would take too much. */
export function assertShallow(template: string): void {
  if (template.length > longest) throw new Error(`a template is longer than ${longest} characters`)
  let blocks = 0
  // How deep each open block is in itself: `else if` opens another that nothing closes.
  const open: number[] = []
  let depth = 0
  for (const { groups } of template.matchAll(turns)) {
    if (groups?.['close'] !== undefined) {
      depth -= open.pop() ?? 0
      continue
    }
    blocks += 1
    depth += 1
    if (groups?.['other'] !== undefined && open.length > 0) open.push((open.pop() ?? 0) + 1)
    else open.push(1)
    if (blocks > mostBlocks) throw new Error(`a template has more than ${mostBlocks} blocks`)
    if (depth > deepest) throw new Error(`blocks are nested more than ${deepest} deep`)
  }
  for (const [tag] of template.matchAll(/\{\{[^}]*/g))
    if (tag.split('(').length > deepest) throw new Error(`helpers are nested more than ${deepest} deep`)
}
