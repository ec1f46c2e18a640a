/** Lower-case letters, digits and hyphens: what a player's repository may be called, wherever it stands in a longer pattern. */
export const repositoryPattern = '[a-z][a-z0-9-]{0,39}'
const repositoryShape = new RegExp(`^${repositoryPattern}$`)

export function isRepositoryName(text: string): boolean {
  return repositoryShape.test(text)
}
