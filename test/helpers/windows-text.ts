/** Texts as editors and shells on Windows write them, each with its byte order mark. */
export const windowsTexts = {
  'UTF-8': (text: string) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
}
export const encodings = Object.keys(windowsTexts) as (keyof typeof windowsTexts)[]
