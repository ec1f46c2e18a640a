/**
 * JSON for a column of type jsonb. PostgreSQL refuses NUL and half of a character there, which a text that players wrote, or one
 * that was cut, may hold: each becomes U+FFFD.
 */
export function jsonOf(value: unknown): string {
  const escapes = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g
  return JSON.stringify(value).replace(escapes, (one) => (/^\\u(0000|d)/.test(one) ? '\\ufffd' : one))
}
