import type { Sql } from '../../db/client.ts'
import { missedEvents, newestEvent } from '../../db/event-replay.ts'
import type { EventNote } from '../../db/events.ts'
import { playerById } from '../../db/players.ts'
import type { Log } from '../../lib/log.ts'
import { announcementFrame, huntFrame, movesWorkspaces, privateFrame, workspacesFrame } from './frames.ts'
import type { StreamReaders } from './readers.ts'
import type { Bus, Settings } from '../../game/types.ts'

/** A hall that registers at once is told of once. */
const gatherMs = 250

interface TellerDeps {
  bus: Pick<Bus, 'position'>
  settings: Settings
  sql: Sql
  log: Log
}

/** Tells the open streams what the notes of the bus mean for each of them. */
export interface Teller {
  hear(note: EventNote): void
  /** After the database was away: what may have been missed. */
  catchUp(): Promise<void>
  close(): void
}

export function createTeller(deps: TellerDeps, readers: StreamReaders): Teller {
  const { bus, settings, sql } = deps
  const tellPlayer = inTurn(deps, readers)
  const tellOrganizers = gathered(() => readers.write(readers.organizers(), workspacesFrame()))
  return {
    hear(note) {
      if (movesWorkspaces(note)) tellOrganizers.soon()
      if (note.kind === 'hunt') readers.write(readers.all(), huntFrame(settings, note.id))
      if (note.kind === 'announcement') readers.write(readers.all(), announcementFrame(settings, note.id))
      if (note.playerId === null || readers.of(note.playerId).length === 0) return
      if (['submission', 'workspace', 'player'].includes(note.kind)) tellPlayer(note.playerId, note)
    },
    async catchUp() {
      if (readers.size === 0) return
      // The bus moves on when all has been rebuilt: this is still from before.
      const since = bus.position
      const newest = await newestEvent(sql)
      readers.write(readers.all(), huntFrame(settings, newest))
      readers.write(readers.all(), announcementFrame(settings, newest))
      tellOrganizers.soon()
      for (const note of await missedEvents(sql, readers.players(), since))
        if (note.playerId !== null) tellPlayer(note.playerId, note)
    },
    close: () => tellOrganizers.cancel(),
  }
}

/** One player's frames leave in the order of their notes, though each has to be read first. */
function inTurn({ sql, log }: TellerDeps, readers: StreamReaders) {
  const tails = new Map<string, Promise<void>>()
  const tell = async (playerId: string, note: EventNote) => {
    if (note.kind === 'player') {
      // Said of who registers, is renamed or hidden, too, and maybe after they began to read.
      if ((await playerById(sql, playerId))?.state !== 'active') readers.end(readers.of(playerId))
      return
    }
    const bytes = await privateFrame(sql, note)
    if (bytes) readers.write(readers.of(playerId), bytes)
  }
  return (playerId: string, note: EventNote): void => {
    const tail = (tails.get(playerId) ?? Promise.resolve())
      .then(() => tell(playerId, note))
      .catch((error: unknown) => {
        // They come again with the id of the last event that they saw, and are told then.
        log.warn({ err: error }, 'an event could not be read; its readers have to come again')
        readers.end(readers.of(playerId))
      })
      .finally(() => {
        if (tails.get(playerId) === tail) tails.delete(playerId)
      })
    tails.set(playerId, tail)
  }
}

/** Work that is done once for all who ask for it within a moment. */
function gathered(work: () => void): { soon(): void; cancel(): void } {
  let waiting: NodeJS.Timeout | undefined
  return {
    soon() {
      waiting ??= setTimeout(() => {
        waiting = undefined
        work()
      }, gatherMs).unref()
    },
    cancel: () => clearTimeout(waiting),
  }
}
