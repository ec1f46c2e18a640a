import type { Language } from '../../core/text.ts'

const units = { en: ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'], fr: ['octets', 'Kio', 'Mio', 'Gio', 'Tio'] }
const locales = { en: 'en-GB', fr: 'fr-FR' }

/** Bytes as people read them, such as `3.4 MiB`; rounded up, so that something never reads as nothing. */
export function formatBytes(bytes: number, language: Language): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)))
  const value = bytes / 2 ** (10 * power)
  const digits = power > 0 && value < 10 ? 1 : 0
  const rounded = Math.ceil(value * 10 ** digits) / 10 ** digits
  const text = new Intl.NumberFormat(locales[language], { maximumFractionDigits: digits }).format(rounded)
  return `${text}\u00a0${units[language][power] ?? ''}`
}
