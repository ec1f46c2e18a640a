/** A secret of ours as it was meant: the spaces, line ends and unseen marks that copying brings along are part of none. */
export function pasted(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]/gu, '')
}
