import { refusalsOf } from '../../db/registry-refusals.ts'
import type { Game } from '../../game/game.ts'
import { playerImages, registryPlace } from '../../game/registry/player-images.ts'
import type { ImageRow, PushRefusal, RegistryModel } from '../models/workspace.ts'
import { shortId } from '../../core/short-id.ts'
import type { PlayerRef } from '../../core/player.ts'

/** Older ones tell nothing that the newest do not. */
const mostRefusals = 5
const flagsOfPlainHttp = ['buildah --tls-verify=false', 'podman --tls-verify=false', 'helm --plain-http']

/** What a player types; the registry then asks for a token. */
export const loginLine = (host: string, { slug }: Pick<PlayerRef, 'slug'>) =>
  `docker login ${host} -u ${slug}`

/** null where the board has no registry. */
export async function registryModel(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'budgets'>,
  player: PlayerRef,
): Promise<RegistryModel | null> {
  const place = await registryPlace(game, player)
  if (!place) return null
  const { host, plainHttp, path, usedBytes, budgetBytes, full } = place
  return {
    path: `${host}/${path}/`,
    username: player.slug,
    flags: plainHttp ? flagsOfPlainHttp : [],
    login: loginLine(host, player),
    used: usedBytes,
    budget: budgetBytes === null ? null : { bytes: budgetBytes, high: budgetBytes * 0.8 },
    full,
  }
}

export async function imageRows(game: Pick<Game, 'sql' | 'board'>, player: PlayerRef): Promise<ImageRow[]> {
  return (await playerImages(game, player)).map((image) => ({
    ...image,
    shortDigest: shortId(image.digest),
  }))
}

export async function pushRefusals(game: Pick<Game, 'sql'>, player: PlayerRef): Promise<PushRefusal[]> {
  return (await refusalsOf(game.sql, player.playerId)).slice(0, mostRefusals)
}
