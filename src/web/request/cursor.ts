import { uuidPattern } from '../../lib/ids.ts'

/** Where a list of submissions goes on: opaque to clients. */
export interface Cursor {
  receivedAt: Date
  id: string
}

/** Milliseconds since 1970 in thirteen digits at most, which every calendar has, and an id: whatever looks so is one. */
export const cursorPattern = `^[0-9]{1,13}\\.${uuidPattern}$`
const shape = new RegExp(cursorPattern)

export function encodeCursor({ receivedAt, id }: Cursor): string {
  return `${receivedAt.getTime()}.${id}`
}

/** null for what is no cursor. */
export function decodeCursor(text: string): Cursor | null {
  if (!shape.test(text)) return null
  const [time = '', id = ''] = text.split('.')
  return { receivedAt: new Date(Number(time)), id }
}
