import type { Sql } from '../../db/client.ts'
import { eventsSince, type EventNote } from '../../db/events.ts'
import { privateFrame } from './frames.ts'
import type { StreamReader, StreamReaders } from './readers.ts'

/** Tells a player what of their own was missed since the last event that they saw, or that their page was rendered from. */
export async function replay(
  { sql }: { sql: Sql },
  readers: StreamReaders,
  reader: StreamReader,
  seen: string,
): Promise<void> {
  if (reader.playerId === null) return
  const notes = await eventsSince(sql, reader.playerId, seen)
  const thing = (note: EventNote) => `${note.kind} ${note.subject}`
  // Several notes of one thing are one look at it, with the id of the last.
  const latest = new Map(notes.map((note) => [thing(note), note]))
  for (const note of notes.filter((one) => latest.get(thing(one)) === one)) {
    const bytes = await privateFrame(sql, note)
    if (bytes) readers.write([reader], bytes)
  }
}
