import { isUuid } from '../../lib/ids.ts'

/** Where a list of submissions goes on: opaque to clients. */
export interface Cursor {
  receivedAt: Date
  id: string
}

export function encodeCursor({ receivedAt, id }: Cursor): string {
  return Buffer.from(`${receivedAt.toISOString()} ${id}`).toString('base64url')
}

/** null for what is no cursor. */
export function decodeCursor(text: string): Cursor | null {
  const [time = '', id = ''] = Buffer.from(text, 'base64url').toString('latin1').split(' ')
  const receivedAt = new Date(time)
  return isUuid(id) && !Number.isNaN(receivedAt.getTime()) ? { receivedAt, id } : null
}
