import type { Game } from '../../../game/game.ts'
import type { FormState } from '../../models/shell.ts'
import { toLocal } from '../../view/local-time.ts'
import type { DeskHunt } from './model.ts'

/** `form`: that of the window, where it came back. */
export function deskHunt({ settings, hunt }: Pick<Game, 'hunt' | 'settings'>, form: FormState): DeskHunt {
  const { start, end, freeze } = settings.window
  const { announcement } = settings
  return {
    window: {
      start: toLocal(start, hunt.timezone),
      end: toLocal(end, hunt.timezone),
      freeze: toLocal(freeze, hunt.timezone),
      overridden: ['start', 'end', 'freeze'].some((key) => key in settings.row.overrides),
      form,
    },
    frozen: settings.frozen(),
    paused: settings.row.pausedAt && { since: settings.row.pausedAt },
    registration: { mode: settings.registration, code: settings.registrationCode ?? '' },
    announcement: announcement
      ? { en: announcement.text.en, fr: announcement.text.fr ?? '', at: announcement.createdAt }
      : null,
  }
}
