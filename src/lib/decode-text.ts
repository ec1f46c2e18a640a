/** The UTF-16 that a byte order mark announces, as Windows writes files; undefined where none does. */
function utf16Of([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** UTF-16 by its byte order mark, else UTF-8; the mark is part of no text. What is neither reads U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(utf16Of(bytes) ?? 'utf-8').decode(bytes)
}

/** The same; null where the bytes are no text, since they hold a NUL. */
export function textOrNull(bytes: Uint8Array): string | null {
  return utf16Of(bytes) === undefined && bytes.includes(0) ? null : decodeText(bytes)
}

/** What is UTF-16 by its mark as UTF-8, for a search of bytes; anything else as it is. */
export function asUtf8(bytes: Buffer): Buffer {
  return utf16Of(bytes) === undefined ? bytes : Buffer.from(decodeText(bytes))
}

/** The same of a text that was decoded elsewhere. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}

/** Without the line ends at its end. A regular expression would try anew at each of a million line ends in the middle. */
export function withoutLastLineEnds(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 10) end -= 1
  return text.slice(0, end)
}
