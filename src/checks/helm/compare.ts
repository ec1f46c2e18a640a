import { readQuantity } from '../../core/quantity.ts'

type Table = Readonly<Record<string, unknown>>

/**
 * Path of the first field of `wanted` that `live` lacks or has otherwise, such as `spec.template.spec.containers[0].image`;
 * null where all of them are there. What the API server adds, leaves out because it is empty, or writes in another way
 * (`0.5` CPUs are `500m`) is no difference.
 */
export function firstDifference(wanted: unknown, live: unknown, path = ''): string | null {
  if (Array.isArray(wanted)) return inList(wanted, live, path)
  if (isTable(wanted)) return inTable(wanted, live, path)
  if (wanted === live || (live === undefined && isEmpty(wanted))) return null
  return sameQuantity(wanted, live) ? null : path
}

function inTable(wanted: Table, live: unknown, path: string): string | null {
  if (live !== undefined && live !== null && !isTable(live)) return path
  for (const [key, value] of Object.entries(wanted)) {
    const there = isTable(live) && Object.hasOwn(live, key) ? live[key] : undefined
    const difference = firstDifference(value, there, path === '' ? key : `${path}.${key}`)
    if (difference !== null) return difference
  }
  return null
}

/** Others may add containers, volumes and ports, but no words to a command. */
function inList(wanted: readonly unknown[], live: unknown, path: string): string | null {
  if (live === undefined && wanted.length === 0) return null
  if (!Array.isArray(live)) return path
  const items = live as readonly unknown[]
  const byName = wanted.every((item) => nameOf(item) !== undefined)
  if (!wanted.every(isTable) && items.length !== wanted.length) return path
  for (const [index, item] of wanted.entries()) {
    const there = byName ? items.find((one) => nameOf(one) === nameOf(item)) : items[index]
    const place = `${path}[${index}]`
    const difference = there === undefined ? place : firstDifference(item, there, place)
    if (difference !== null) return difference
  }
  return null
}

function nameOf(item: unknown): unknown {
  return isTable(item) ? item['name'] : undefined
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || value === 0 || value === false
}

function sameQuantity(wanted: unknown, live: unknown): boolean {
  if (typeof live !== 'string') return wanted === null
  const [a, b] = [readQuantity(wanted), readQuantity(live)]
  return a !== null && a === b
}
