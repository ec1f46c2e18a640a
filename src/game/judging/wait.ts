import { submissionById } from '../../db/submissions.ts'
import type { Game } from '../game.ts'

/**
 * Resolves when the submission has been looked at (done, superseded, or waiting for another look), after the time is up, or when
 * this process stops.
 * Listens before it looks, so that nothing falls in between.
 */
export async function waitForLook(
  game: Pick<Game, 'sql' | 'bus'>,
  id: string,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const ends = [game.bus.stopping, ...(signal ? [signal] : [])]
  if (milliseconds <= 0 || ends.some(({ aborted }) => aborted)) return
  let wake: () => void = () => undefined
  const woken = new Promise<void>((resolve) => (wake = resolve))
  const timer = setTimeout(wake, milliseconds)
  for (const end of ends) end.addEventListener('abort', wake, { once: true })
  const wasLookedAt = async () => {
    const submission = await submissionById(game.sql, id)
    return !submission || (submission.status !== 'queued' && submission.status !== 'running')
  }
  const off = game.bus.listen((note) => {
    if (note.kind === 'submission' && note.subject === id)
      void wasLookedAt().then((yes) => yes && wake(), wake)
  })
  try {
    if (!(await wasLookedAt())) await woken
  } finally {
    off()
    clearTimeout(timer)
    for (const end of ends) end.removeEventListener('abort', wake)
  }
}
