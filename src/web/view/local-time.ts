/** The hunt's local times in forms, as `<input type="datetime-local">` has them: `2027-03-12T18:00`. */

const parts = new Map<string, Intl.DateTimeFormat>()

function partsIn(zone: string): Intl.DateTimeFormat {
  const known = parts.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  parts.set(zone, made)
  return made
}

export function toLocal(at: Date | null, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return at === null ? '' : partsIn(zone).format(at).replace(' ', 'T').slice(0, 16)
}

/** A local time of the zone as an instant; null for '', undefined for what is no time: a day that no calendar has, a year out of reach. In the hour that a clock change repeats, the later one. */
export function fromLocal(text: string, zone: string): Date | null | undefined {
  if (text === '') return null
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:[0-5]\d)?$/.test(text)) return undefined
  const minute = text.slice(0, 16)
  const wall = Date.parse(`${minute}:00Z`)
  // The engine takes 31 February for 3 March, and years of other eras are not written in four digits.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(minute)) return undefined
  if (minute < '1970-01-02' || minute > '9999-12-31') return undefined
  // The offset at the guess may differ from that at the result: look twice.
  let instant = wall
  for (let round = 0; round < 2; round += 1) {
    const shown = Date.parse(`${partsIn(zone).format(new Date(instant)).replace(' ', 'T')}Z`)
    instant += wall - shown
  }
  return new Date(instant)
}
