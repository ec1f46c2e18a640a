import type { Challenge } from '../../core/challenge.ts'
import { compileText } from '../../core/template.ts'
import { mapText, type Localized } from '../../core/text.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import { hintsOf, takeHint as insertHint } from '../../db/hints.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { imagePlaces } from '../image-places.ts'
import { parametersFor } from '../parameters.ts'
import { holdPlayer } from '../playing.ts'
import { openChallenge } from '../progress.ts'
import type { NamedPlayer } from '../../core/player.ts'

export interface ShownHint {
  number: number
  price: number
  taken: boolean
  /** Only once taken. */
  text: Localized | null
}

export async function hintsShown(game: Game, player: NamedPlayer, challengeId: string): Promise<ShownHint[]> {
  const { challenge } = await openChallenge(game, player.playerId, challengeId)
  const taken = new Set(
    (await hintsOf(game.sql, player.playerId))
      .filter((one) => one.challengeId === challengeId)
      .map((one) => one.number),
  )
  const { images, registry } = imagePlaces(game, player.slug)
  const values = {
    params: await parametersFor(game, player.playerId, challenge),
    player: { slug: player.slug, name: player.playerName },
    repository: { name: challenge.repository ?? '' },
    hunt: { images },
    registry,
  }
  return challenge.hints.map((hint, index) => ({
    number: index + 1,
    price: hint.price,
    taken: taken.has(index + 1),
    text: taken.has(index + 1)
      ? mapText(hint.text, (text, language) => compileText(text, values, language))
      : null,
  }))
}

/** Whether its page may say why things on the cluster do not run: that may be what the player is to find out. */
export function tellsReasons(
  { diagnosis }: Pick<Challenge, 'diagnosis'>,
  hints: readonly Pick<ShownHint, 'taken'>[],
): boolean {
  return diagnosis === 'always' || hints.every(({ taken }) => taken)
}

/** Taken at once, charged at the solve. Hints come in order; taking one again costs nothing. */
export async function takeHint(
  game: Game,
  player: NamedPlayer & { memberId: string },
  challengeId: string,
  number: number,
): Promise<ShownHint> {
  const { challenge } = await openChallenge(game, player.playerId, challengeId)
  const hint = challenge.hints[number - 1]
  if (!hint) throw new Refusal(404, 'no-hint', 'There is no such hint.')
  const shown = await hintsShown(game, player, challengeId)
  if (shown.slice(0, number - 1).some((one) => !one.taken)) {
    throw new Refusal(409, 'hint-order', `Take hint ${number - 1} first.`)
  }
  await game.sql.begin(async (sql) => {
    await holdPlayer(sql, player)
    const price = hint.price
    if (!(await insertHint(sql, { playerId: player.playerId, challengeId, number, price }))) return
    await note(sql, {
      memberId: player.memberId,
      action: 'hint-taken',
      subject: aboutPlayer(player.playerId, challengeId),
      detail: { number, price },
    })
  })
  const [result] = (await hintsShown(game, player, challengeId)).slice(number - 1, number)
  if (!result) throw new Refusal(404, 'no-hint', 'There is no such hint.')
  return result
}
