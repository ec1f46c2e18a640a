import type { Registration } from '../../core/hunt.ts'
import type { Phase, Window } from '../../core/window.ts'
import type { Settings } from '../../game/types.ts'

/** What of the hunt's settings pages show. A page carries it as it was rendered, and the stream tells it anew: one shape for both. */
export interface HuntState extends Window {
  phase: Phase
  paused: boolean
  registration: Registration
}

export function huntState(
  settings: Pick<Settings, 'window' | 'paused' | 'registration' | 'phase'>,
): HuntState {
  const { window, paused, registration } = settings
  return { phase: settings.phase(), paused, ...window, registration }
}
