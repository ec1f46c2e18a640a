import type { ZodType } from 'zod'

/** What stands for a key that is missing or cannot be read, by the key, wherever in the file it is. */
export type StandIns = Readonly<Record<string, unknown>>

const rounds = 3

/** A faulty value with its faulty parts replaced or left out; null where that does not help. */
export function salvage<T>(content: unknown, schema: ZodType<T>, standIns: StandIns): T | null {
  const copy = structuredClone(content)
  for (let round = 0; round < rounds; round += 1) {
    const parsed = schema.safeParse(copy)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
      for (const key of keys) mend(copy, key === undefined ? issue.path : [...issue.path, key], standIns)
    }
  }
  return null
}

function mend(content: unknown, path: readonly PropertyKey[], standIns: StandIns): void {
  const last = path.at(-1)
  let at = content
  for (const key of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  if (last === undefined || typeof at !== 'object' || at === null) return
  const place = at as Record<PropertyKey, unknown>
  // Places in a list are kept, since they say where things stand in the file.
  if (typeof last === 'string' && Object.hasOwn(standIns, last)) place[last] = structuredClone(standIns[last])
  else if (!Array.isArray(at)) Reflect.deleteProperty(place, last)
}
