import type { Challenge } from '../core/challenge.ts'
import { missingOf, stateOf, wayToTheCity, type ChallengeState } from '../core/unlock.ts'
import { solvesOf, type SolveRow } from '../db/solves.ts'
import { Refusal } from '../lib/errors.ts'
import { challengeOf, partsOf, type Game } from './game.ts'

/** Where one player stands on every challenge. */
export interface Progress {
  solves: ReadonlyMap<string, SolveRow>
  states: ReadonlyMap<string, ChallengeState>
}

export async function progressOf(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'settings'>,
  playerId: string,
  phase = game.settings.phase(),
): Promise<Progress> {
  const solves = new Map((await solvesOf(game.sql, playerId)).map((solve) => [solve.challengeId, solve]))
  const player = { solved: new Set(solves.keys()), phase, board: partsOf(game) }
  return {
    solves,
    states: new Map(game.hunt.challenges.map((challenge) => [challenge.id, stateOf(challenge, player)])),
  }
}

/** What an anonymous visitor sees: nothing solved. */
export function publicStates(
  game: Pick<Game, 'hunt' | 'board' | 'settings'>,
): ReadonlyMap<string, ChallengeState> {
  const visitor = { solved: new Set<string>(), phase: game.settings.phase(), board: partsOf(game) }
  return new Map(game.hunt.challenges.map((challenge) => [challenge.id, stateOf(challenge, visitor)]))
}

/** The challenge, where the player may see its inside; else a refusal that names what is missing. */
export async function openChallenge(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'settings'>,
  playerId: string,
  id: string,
): Promise<{ challenge: Challenge; progress: Progress }> {
  const challenge = challengeOf(game, id)
  const progress = await progressOf(game, playerId)
  const state = progress.states.get(id) ?? 'locked'
  if (state === 'locked') {
    const missing = missingOf(challenge, new Set(progress.solves.keys()))
    throw new Refusal(403, 'locked', `This stage opens after: ${missing.join(', ')}.`, { missing })
  }
  if (state === 'scheduled')
    throw new Refusal(403, 'not-started', 'The hunt has not started yet.', {
      start: game.settings.window.start,
    })
  if (state === 'unavailable') {
    const needs = challenge.needs.filter((part) => !partsOf(game).has(part))
    throw new Refusal(403, 'unavailable', `This board has no ${needs.join(', ')}, which the stage needs.`, {
      needs,
    })
  }
  return { challenge, progress }
}

/** The challenges that this solve was the last condition of. */
export function openedBy(
  { hunt }: Pick<Game, 'hunt'>,
  solved: Challenge,
  { states }: Pick<Progress, 'states'>,
): Challenge[] {
  return hunt.challenges.filter((one) => one.after.includes(solved.id) && states.get(one.id) === 'open')
}

/** Nothing is left to solve on this board. */
export function hasReachedCity(
  game: Pick<Game, 'hunt' | 'board'>,
  { solves }: Pick<Progress, 'solves'>,
): boolean {
  const way = wayToTheCity(game.hunt.challenges, partsOf(game))
  return way.length > 0 && way.every(({ id }) => solves.has(id))
}

/** Whether it can be worked on: open, or solved and still there to try. */
export function playable(state: ChallengeState | undefined): boolean {
  return state === 'open' || state === 'solved'
}
