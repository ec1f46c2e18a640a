import type { Registration } from '../../../core/hunt.ts'
import type { FormState, Moment } from '../../models/shell.ts'

/**
 * When and for whom the hunt is. POST /desk/window {start, end, freeze as local times of the hunt's zone or '', from: 'desk' | 'file'},
 * /desk/freeze/lift {}, /desk/pause {paused: 'yes' | 'no'}, /desk/registration {registration, code},
 * /desk/announcement {en, fr}, /desk/announcement/withdraw {}.
 */
export interface DeskHunt {
  window: {
    /** Local times of the hunt's zone as `<input type="datetime-local">` has them, '' for none. */
    start: string
    end: string
    freeze: string
    /** The desk says otherwise than hunt.yaml. */
    overridden: boolean
    form: FormState
  }
  /** The leaderboard stands still. */
  frozen: boolean
  paused: { since: Moment } | null
  registration: { mode: Registration; code: string }
  announcement: { en: string; fr: string; at: Moment } | null
  announcementForm: FormState
}
