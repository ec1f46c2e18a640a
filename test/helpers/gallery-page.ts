import type { Language } from '../../src/core/text.ts'
import type { Pages } from '../../src/web/models/pages.ts'
import type { HuntClock, Member, Shell } from '../../src/web/models/shell.ts'
import type { Views } from '../../src/web/view/view.ts'
import { longName } from './gallery-models.ts'

export const running: HuntClock = {
  phase: 'running',
  start: '2027-03-12T18:00:00+01:00',
  end: '2027-03-12T22:00:00+01:00',
  freeze: '2027-03-12T21:30:00+01:00',
  frozen: false,
  paused: false,
  timezone: 'Europe/Paris',
}
const player: Member = { name: longName, slug: 'p1', organizer: false }
export const organizer: Member = { name: 'Chöden', slug: null, organizer: true }

export const visitor = { reader: 'visitor' as const }
export const anyone = { reader: 'anyone' as const, csrf: '' }
export const before = { clock: { ...running, phase: 'before' as const } }

/** Renders one page for a reader; `over`: what around it is other than for a player while the hunt runs. */
export type MakePage = <Name extends keyof Pages>(
  name: Name,
  path: string,
  model: Pages[Name],
  over?: Partial<Shell>,
) => () => string

export function pagesIn(views: Views, language: Language): MakePage {
  const shell = (path: string, over: Partial<Shell> = {}): Shell => ({
    huntName: 'Abhra Shambhala',
    language,
    languages: ['en', 'fr'],
    now: '2027-03-12T19:42:00+01:00',
    clock: running,
    reader: player,
    csrf: 'token',
    path,
    announcement: null,
    since: '41',
    hunt: '{"phase":"running","paused":false}',
    flash: null,
    ...over,
  })
  return (name, path, model, over = {}) =>
    () =>
      views.page(name, { ...model, shell: shell(path, over) }, language)
}
