/** How a commit or a digest is called where its whole name would fill the line: 7 or 12 hexadecimal digits. */
export function shortId(id: string): string {
  const [, hex] = /^sha\d+:(.*)$/.exec(id) ?? []
  return hex === undefined ? id.slice(0, 7) : hex.slice(0, 12)
}
