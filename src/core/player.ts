/** A player as the rest of the game names one: the row, and what addresses, namespaces and registry paths are made of. */
export interface PlayerRef {
  playerId: string
  slug: string
}

/** With the name that stories, hints and checks know: the player's, which is also the member's where one plays alone. */
export interface NamedPlayer extends PlayerRef {
  playerName: string
}

/** One lower-case letter, then letters and digits: what a slug may look like, wherever it stands in a longer pattern. */
export const slugPattern = '[a-z][a-z0-9]{1,19}'
const slugShape = new RegExp(`^${slugPattern}$`)

export function isSlug(text: string): boolean {
  return slugShape.test(text)
}
