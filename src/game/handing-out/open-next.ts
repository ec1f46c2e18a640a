import type { PlayerRef } from '../../core/player.ts'
import { atMost } from '../../lib/deadline.ts'
import { forAll } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import { progressOf } from '../progress.ts'
import { layImages } from './lay-images.ts'
import { ensureRepository, openRepositories } from './provision.ts'

/** How long a verdict waits for the images of the stages that it opens. */
const layingMs = 5_000

/** What a solve will open must be there when the player reads that it is open. */
export async function openNext(game: Game, player: PlayerRef, solvedId: string): Promise<void> {
  const progress = await progressOf(game, player.playerId)
  const before = new Set(openRepositories(game, progress).keys())
  const states = new Map(progress.states)
  const solved = new Set([...progress.solves.keys(), solvedId])
  for (const challenge of game.hunt.challenges) {
    if (states.get(challenge.id) === 'locked' && challenge.after.every((id) => solved.has(id)))
      states.set(challenge.id, 'open')
  }
  const opened = game.hunt.challenges.filter(
    ({ id }) => states.get(id) === 'open' && progress.states.get(id) !== 'open',
  )
  const due = [...openRepositories(game, { ...progress, states }).keys()].filter((name) => !before.has(name))
  const repositories = () => forAll(due, (name) => ensureRepository(game, player, name))
  const images = () => Promise.all(opened.map((challenge) => layImages(game, player, challenge)))
  // Where the registry is slow, the verdict does not wait: they follow.
  await forAll([repositories, () => atMost(layingMs, images())], (part) => part())
}
