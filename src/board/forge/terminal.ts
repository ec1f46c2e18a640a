/** `git push -o plain` asks for ASCII only. */
export function isPlain(options: readonly string[]): boolean {
  return options.includes('plain')
}

/** A line as it goes to the pusher's terminal. */
export function printLine(line: string, { plain }: { plain: boolean }): string {
  // Findings may quote what a player wrote: no control character reaches a terminal.
  const safe = line.replace(/\p{Cc}/gu, '�')
  if (!plain) return safe
  return safe
    .replace(/[’‘]/g, "'")
    .replace(/[“”«»]/g, '"')
    .replace(/[·–—…]/g, (sign) => (sign === '…' ? '...' : '-'))
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?')
}
