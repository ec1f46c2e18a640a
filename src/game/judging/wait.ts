import { submissionById } from '../../db/submissions.ts'
import type { Game } from '../game.ts'

/**
 * Resolves when the submission has been looked at (done, superseded, or waiting for another look), or after the time is up.
 * Listens before it looks, so that nothing falls in between.
 */
export async function settled(
  game: Pick<Game, 'bus' | 'sql'>,
  id: string,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  if (milliseconds <= 0) return
  let wake: () => void = () => undefined
  const woken = new Promise<void>((resolve) => (wake = resolve))
  const timer = setTimeout(wake, milliseconds)
  signal?.addEventListener('abort', wake, { once: true })
  const isSettled = async () => {
    const submission = await submissionById(game.sql, id)
    return !submission || (submission.status !== 'queued' && submission.status !== 'running')
  }
  const off = game.bus.listen((note) => {
    if (note.kind === 'submission' && note.subject === id) void isSettled().then((yes) => yes && wake(), wake)
  })
  try {
    if (!(await isSettled())) await woken
  } finally {
    off()
    clearTimeout(timer)
    signal?.removeEventListener('abort', wake)
  }
}
