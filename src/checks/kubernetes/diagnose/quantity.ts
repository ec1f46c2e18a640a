const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A quantity of Kubernetes such as `500m` or `2Gi` as a number; NaN where it is none. */
export function parseQuantity(text: string): number {
  const [, digits = '', unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text.trim()) ?? []
  return digits === '' ? Number.NaN : Number(digits) * (factors[unit] ?? Number.NaN)
}

/** In a unit that fits the resource: `300m` of CPU, `144Mi` of memory, `2` pods. */
export function formatQuantity(resource: string, value: number): string {
  if (/cpu$/.test(resource)) return value < 10 ? `${Math.round(value * 1000)}m` : String(value)
  if (/memory$|storage$/.test(resource))
    return value < 2 ** 20 ? `${value}` : `${Math.ceil(value / 2 ** 20)}Mi`
  return String(value)
}
