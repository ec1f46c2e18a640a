import type { Hunt, Registration } from '../core/hunt.ts'
import { frozenAt, phaseAt, windowOf, type Window } from '../core/window.ts'
import type { Database } from '../db/client.ts'
import { currentAnnouncement, readHunt, type AnnouncementRow, type HuntRow } from '../db/hunt.ts'
import type { Bus, Settings } from './types.ts'

export function effective(hunt: Hunt, row: HuntRow): { window: Window } {
  return { window: windowOf(hunt, row.overrides) }
}

/** Why nothing is judged now; null while the hunt runs, and after it. */
export function standsStill(settings: Pick<Settings, 'paused' | 'phase'>): 'paused' | 'before' | null {
  if (settings.paused) return 'paused'
  return settings.phase() === 'before' ? 'before' : null
}

export function createSettings(deps: {
  sql: Database
  hunt: Hunt
  bus: Bus
  registrationCode: string | undefined
  /** Where neither hunt.yaml nor the desk says anything. */
  registration: Registration
}): Settings {
  let row: HuntRow = { overrides: {}, pausedAt: null, registrationCode: null }
  let current = effective(deps.hunt, row)
  let announcement: AnnouncementRow | undefined

  const load = async () => {
    row = await readHunt(deps.sql)
    current = effective(deps.hunt, row)
    announcement = await currentAnnouncement(deps.sql)
  }
  deps.bus.rebuild(load)
  deps.bus.apply(async (note) => {
    if (note.kind === 'hunt' || note.kind === 'announcement') await load()
  })

  return {
    get window() {
      return current.window
    },
    get paused() {
      return row.pausedAt !== null
    },
    get registration() {
      return row.overrides.registration ?? deps.hunt.registration ?? deps.registration
    },
    get registrationCode() {
      return row.registrationCode ?? deps.registrationCode ?? null
    },
    get announcement() {
      return announcement
    },
    get row() {
      return row
    },
    phase: () => phaseAt(current.window, new Date()),
    frozen: () => frozenAt(current.window, new Date()),
    load,
  }
}
