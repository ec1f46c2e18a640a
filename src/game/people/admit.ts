import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '../../lib/errors.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'

/** Whether somebody may join now, by what they were told. Throws the refusal. */
export function admit({ settings }: Pick<Game, 'settings'>, code: string | undefined): void {
  const { registration, registrationCode } = settings
  if (registration === 'open') return
  if (registration === 'closed')
    throw new Refusal(403, 'registration-closed', 'Registration is closed. Ask the organizers.')
  if (registrationCode === null) {
    throw new Refusal(
      403,
      'registration-no-code',
      'Registration needs a code, and the organizers have not set one yet.',
    )
  }
  if (!timingSafeEqual(sha256(code?.trim() ?? ''), sha256(registrationCode))) {
    throw new Refusal(403, 'registration-code', 'This is not the registration code. The organizers know it.')
  }
}
