const longest = 2000

/** What a player wrote, cut, and without the character that no database keeps. */
export function brief(text: string | null | undefined): string {
  return (text ?? '').slice(0, longest).replaceAll('\0', '')
}
