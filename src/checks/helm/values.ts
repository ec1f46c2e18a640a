type Table = Readonly<Record<string, unknown>>

/**
 * What templates see: the chart's defaults under what the player gave, as `helm get values --all` of Helm 4 says. A null
 * that the player gave takes a default away. Defaults of sub-charts are not stored, so that they are not here either.
 */
export function computeValues(defaults: Table, given: Table): Record<string, unknown> {
  const kept = Object.entries(defaults).flatMap(([key, value]): [string, unknown][] => {
    if (!Object.hasOwn(given, key)) return value === null ? [] : [[key, value]]
    const own = given[key]
    if (own === null) return []
    return [[key, isTable(value) && isTable(own) ? computeValues(value, own) : own]]
  })
  const added = Object.entries(given).filter(([key]) => !Object.hasOwn(defaults, key))
  return Object.fromEntries([...kept, ...added])
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
