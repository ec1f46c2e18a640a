import type { Language } from './text.ts'

/** `full` has the zone, `short` leaves year and zone out, `exact` has seconds, `clock` is the time of the day alone. */
export type TimeStyle = 'full' | 'short' | 'exact' | 'clock'

const locales = { en: 'en-GB', fr: 'fr-FR' }
const clock = { hour: '2-digit', minute: '2-digit' } as const
const styles: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  full: { day: 'numeric', month: 'short', year: 'numeric', ...clock, timeZoneName: 'short' },
  short: { day: 'numeric', month: 'short', ...clock },
  exact: { day: 'numeric', month: 'short', ...clock, second: '2-digit' },
  clock,
}
// One format for each language, style and zone: there are few, and making one is slow.
const formats = new Map<string, Intl.DateTimeFormat>()

export function formatTime(at: Date, style: TimeStyle, language: Language, timeZone: string): string {
  const key = `${language} ${style} ${timeZone}`
  const known = formats.get(key)
  if (known) return known.format(at)
  const made = new Intl.DateTimeFormat(locales[language], { ...styles[style], timeZone })
  formats.set(key, made)
  return made.format(at)
}
