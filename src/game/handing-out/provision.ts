import type { RepositoryRef } from '../../board/forge/types.ts'
import type { Challenge } from '../../core/challenge.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { isPlaying } from '../../db/players.ts'
import { noteRepository, noteReset } from '../../db/repositories.ts'
import { Inconclusive, Refusal } from '../../lib/errors.ts'
import { forAll } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import { hasLeft } from '../playing.ts'
import { layImages } from './lay-images.ts'
import { openChallenge, playable, progressOf, type Progress } from '../progress.ts'
import { starterValues } from './starter-values.ts'
import { buildStarter } from '../starters/starter.ts'
import type { PlayerRef } from '../../core/player.ts'

/** Challenges by repository, in the hunt's order; the first of each brings the starter. */
export function repositoriesIn(challenges: readonly Challenge[]): Map<string, Challenge[]> {
  const repositories = new Map<string, Challenge[]>()
  for (const challenge of challenges) {
    if (challenge.repository === null) continue
    repositories.set(challenge.repository, [...(repositories.get(challenge.repository) ?? []), challenge])
  }
  return repositories
}

/** Repositories whose first challenge has opened. */
export function openRepositories(game: Pick<Game, 'hunt'>, progress: Progress): Map<string, Challenge[]> {
  const open = game.hunt.challenges.filter((challenge) => playable(progress.states.get(challenge.id)))
  return repositoriesIn(open)
}

/** Makes every repository that is due and not there yet. Idempotent; run again after a crash it makes the rest. */
export async function provision(game: Game, player: PlayerRef): Promise<void> {
  const due = openRepositories(game, await progressOf(game, player.playerId))
  await forAll(due.keys(), (name) => ensureRepository(game, player, name))
}

/** Makes one repository with its starter unless it is there. */
export async function ensureRepository(
  game: Pick<Game, 'secret' | 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
  name: string,
): Promise<void> {
  const { forge } = game.board
  if (!forge) throw new Inconclusive('this board has no forge')
  await layFor(game, player, () =>
    forge.ensure({ slug: player.slug, name }, () => starterFor(game, player, name)),
  )
  if (await noteRepository(game.sql, player.playerId, name))
    await tell(game.sql, 'workspace', player.playerId, name)
}

/** Lays something for a player. Who left meanwhile, through another process perhaps, must not find it laid behind them. */
async function layFor(
  game: Pick<Game, 'sql' | 'board'>,
  { playerId, slug }: PlayerRef,
  lay: () => Promise<void>,
): Promise<void> {
  const refuseWhoLeft = async () => {
    if (await isPlaying(game.sql, playerId)) return
    await game.board.forge?.remove(slug)
    throw hasLeft()
  }
  try {
    await lay()
  } catch (error) {
    await refuseWhoLeft()
    throw error
  }
  await refuseWhoLeft()
}

/** Lays the starters of a challenge anew; what was pushed over them is gone, evidence of verdicts stays. */
export async function resetChallenge(
  game: Game,
  player: PlayerRef & { memberId: string },
  challengeId: string,
): Promise<void> {
  const { challenge } = await openChallenge(game, player.playerId, challengeId)
  if (challenge.repository === null && challenge.images === null)
    throw new Refusal(409, 'no-repository', 'This stage has no repository and no images to start again.')
  if (challenge.repository !== null) await resetRepository(game, player, challenge.repository)
  if (challenge.images !== null) await resetImages(game, player, challenge)
}

async function resetRepository(
  game: Pick<Game, 'secret' | 'sql' | 'hunt' | 'board'>,
  player: PlayerRef & { memberId: string },
  name: string,
): Promise<void> {
  const { forge } = game.board
  if (!forge) throw new Inconclusive('this board has no forge')
  const repository: RepositoryRef = { slug: player.slug, name }
  await layFor(game, player, () => forge.reset(repository, () => starterFor(game, player, name)))
  await noteRepository(game.sql, player.playerId, name)
  await noteReset(game.sql, player.playerId, name)
  await note(game.sql, {
    memberId: player.memberId,
    action: 'repository-reset',
    subject: aboutPlayer(player.playerId, name),
  })
  await tell(game.sql, 'workspace', player.playerId, name)
}

async function resetImages(
  game: Game,
  player: PlayerRef & { memberId: string },
  challenge: Challenge,
): Promise<void> {
  if (!game.board.registry) throw new Inconclusive('this board has no registry')
  const laid = await layImages(game, player, challenge, { anew: true }).catch((error: unknown) => {
    game.log.warn({ err: error, slug: player.slug }, 'images could not be laid anew; it is tried again')
    throw new Refusal(
      503,
      'images-later',
      'The registry does not answer. It is on our side: the images follow by themselves as soon as it does.',
      { retryAfter: 5 },
    )
  })
  if (!laid)
    throw new Refusal(409, 'images-busy', 'The images of this stage are being laid. Try again in a moment.')
  await note(game.sql, {
    memberId: player.memberId,
    action: 'images-reset',
    subject: aboutPlayer(player.playerId),
    detail: { images: challenge.images },
  })
}

async function starterFor(
  game: Pick<Game, 'secret' | 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
  repository: string,
) {
  const [first] = repositoriesIn(game.hunt.challenges).get(repository) ?? []
  if (!first) throw new Refusal(404, 'no-repository', 'There is no such repository in this hunt.')
  return await buildStarter(first.folder, await starterValues(game, player, first))
}
