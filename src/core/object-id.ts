/** The name of an object in Git, of either hash, wherever it stands in a longer pattern. */
export const objectIdPattern = '(?:[0-9a-f]{40}|[0-9a-f]{64})'
const objectIdShape = new RegExp(`^${objectIdPattern}$`)

export function isObjectId(text: string): boolean {
  return objectIdShape.test(text)
}
