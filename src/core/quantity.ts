const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A quantity of Kubernetes in its base unit, such as `128Mi`, `0.5`, `500m`; null where it is none. */
export function readQuantity(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return null
  const found =
    /^([+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20}))(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
      text,
    )
  if (!found) return null
  const [, digits = '', exponent, suffix = ''] = found
  const factor = exponent === undefined ? factors[suffix] : 10 ** Number(exponent)
  // Rounded, because 0.1 and 100m must come out the same.
  return factor === undefined ? null : Number((Number(digits) * factor).toPrecision(12))
}

/** In a unit that fits the resource: `300m` of CPU, `144Mi` of memory, `2` pods. */
export function formatQuantity(resource: string, value: number): string {
  if (/cpu$/.test(resource)) return value < 10 ? `${Math.round(value * 1000)}m` : String(value)
  if (/memory$|storage$/.test(resource))
    return value < 2 ** 20 ? `${value}` : `${Math.ceil(value / 2 ** 20)}Mi`
  return String(value)
}
