/** A UUID as the database writes it, wherever it stands in a longer pattern. */
export const uuidPattern = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const uuid = new RegExp(`^${uuidPattern}$`)

/** Whether a text is a UUID as the database writes them: only such may reach a query. */
export function isUuid(text: string): boolean {
  return uuid.test(text)
}
