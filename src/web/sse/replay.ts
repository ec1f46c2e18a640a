import type { Sql } from '../../db/client.ts'
import { eventsSince } from '../../db/events.ts'
import { announcementFrame, privateFrame } from './frames.ts'
import type { StreamReader, StreamReaders } from './readers.ts'
import type { Settings } from '../../game/types.ts'

/** Tells one who comes again what was missed since the last event that they saw. */
export async function replay(
  { sql, settings }: { sql: Sql; settings: Settings },
  readers: StreamReaders,
  reader: StreamReader,
  seen: string,
): Promise<void> {
  const notes = await eventsSince(sql, reader.playerId, seen)
  // Several notes of one thing are one look at it, with the id of the last.
  const latest = new Map(notes.map((note) => [`${note.kind} ${note.subject}`, note]))
  const announced = notes.findLast((note) => note.kind === 'announcement')
  for (const note of notes) {
    if (note === announced) readers.write([reader], announcementFrame(settings, note.id))
    if (note.kind === 'announcement' || latest.get(`${note.kind} ${note.subject}`) !== note) continue
    const bytes = await privateFrame(sql, note)
    if (bytes) readers.write([reader], bytes)
  }
}
