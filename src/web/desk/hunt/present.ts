import type { Game } from '../../../game/game.ts'
import type { RefusedForm } from '../../auth/keepsakes.ts'
import { stateOf } from '../../request/refused-form.ts'
import { toLocal } from '../../view/local-time.ts'
import type { DeskHunt } from './model.ts'

/** `refused`: a form of the desk that came back. */
export function deskHunt(
  { settings, hunt }: Pick<Game, 'hunt' | 'settings'>,
  refused: RefusedForm | undefined,
): DeskHunt {
  const { start, end, freeze } = settings.window
  const { announcement } = settings
  const form = stateOf(refused, 'window')
  const announcementForm = stateOf(refused, 'announcement')
  return {
    window: {
      start: form.values['start'] ?? toLocal(start, hunt.timezone),
      end: form.values['end'] ?? toLocal(end, hunt.timezone),
      freeze: form.values['freeze'] ?? toLocal(freeze, hunt.timezone),
      overridden: ['start', 'end', 'freeze'].some((key) => key in settings.row.overrides),
      form,
    },
    frozen: settings.frozen(),
    paused: settings.row.pausedAt && { since: settings.row.pausedAt },
    registration: { mode: settings.registration, code: settings.registrationCode ?? '' },
    announcement: announcement
      ? { en: announcement.text.en, fr: announcement.text.fr ?? '', at: announcement.createdAt }
      : null,
    announcementForm,
  }
}
