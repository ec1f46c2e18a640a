import { TooLarge } from './errors.ts'

const maxDepth = 64
const maxNodes = 20_000

/**
 * Throws `TooLarge` where parsed data holds more than 20 000 values or is nested deeper than 64 levels; `name` is what the
 * player knows it by. Aliases make one value stand in many places: each place counts, as whoever prints it would print each.
 */
export function measure(name: string, value: unknown): void {
  let nodes = 0
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    nodes += 1
    if (nodes > maxNodes)
      throw new TooLarge(
        `${name} holds more than ${maxNodes} values.`,
        `${name} contient plus de ${maxNodes} valeurs.`,
      )
    if (next.depth > maxDepth)
      throw new TooLarge(
        `${name} is nested deeper than ${maxDepth} levels.`,
        `${name} est imbriqué sur plus de ${maxDepth} niveaux.`,
      )
    if (typeof next.value !== 'object' || next.value === null) continue
    for (const child of Object.values(next.value)) open.push({ value: child, depth: next.depth + 1 })
  }
}
