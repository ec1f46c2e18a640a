// Control characters move a terminal's cursor, bidi marks turn a line around: both could make a finding say what it does not.
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text in one line, with what cannot be seen written out, such as `\n` or `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(unseen, (sign) => named[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
}
