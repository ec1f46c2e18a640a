import type { Registry } from '../../board/registry/types.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { PlayerRef } from '../../core/player.ts'
import { playerById } from '../../db/players.ts'
import {
  claimImages,
  finishImages,
  noteImage,
  postponeImages,
  type ImageClaim,
} from '../../db/starter-images.ts'
import { Inconclusive, PlayerFault } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { takeAsSeen, unchangedChallenges } from '../judging/seen.ts'
import { readRegistry, type Hint } from '../registry/read.ts'
import { buildImages } from '../starters/images.ts'
import { starterValues } from './starter-values.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

/** After this long another process may take over; a laying gives up before. */
const claimSeconds = 300
const layingMs = 240_000
const readMs = 20_000

interface Laying {
  game: Game
  registry: Registry
  player: PlayerRef
  challenge: Challenge
}

/**
 * Lays the images of a challenge below a player's path, where that is due, and what is to be seen of them makes no submission.
 * `anew`: also where they lie already, over what the player made of them. False where there is nothing to do, or another
 * process does it. Where it fails, it is due again later.
 */
export async function layImages(
  game: Game,
  player: Laying['player'],
  challenge: Challenge,
  { anew = false } = {},
): Promise<boolean> {
  const { registry } = game.board
  if (!registry || challenge.images === null) return false
  const asked = { seconds: claimSeconds, anew }
  const claim = await claimImages(game.sql, player.playerId, challenge.id, asked)
  if (!claim) return false
  try {
    await layMissing({ game, registry, player, challenge }, challenge.images, claim)
    await finishImages(game.sql, player.playerId, challenge.id)
    return true
  } catch (error) {
    await postponeImages(game.sql, player.playerId, challenge.id)
    throw error
  }
}

async function layMissing(
  laying: Laying,
  names: readonly string[],
  { done, restored }: ImageClaim,
): Promise<void> {
  const signal = timeoutSignal(layingMs)
  const there = restored ? await heldOf(laying, names, signal) : []
  // What a player pushed since the backup is still to be judged, so that it is not taken as seen where nothing is laid.
  const isWhole = done.length === 0 && names.every((name) => there.includes(name))
  if (!restored || !isWhole) await lay(laying, [...done, ...there], signal)
}

/** Those of the names under which the registry holds something, also if that cannot be read. */
async function heldOf(
  { registry, player }: Laying,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const images = registry.images(player.slug)
  const held: string[] = []
  for (const name of names) {
    const colon = name.lastIndexOf(':')
    const found = await images
      .manifest(name.slice(0, colon), name.slice(colon + 1), signal)
      .catch((error: unknown) => {
        if (error instanceof PlayerFault) return 'unreadable'
        throw error
      })
    if (found !== null) held.push(name)
  }
  return held
}

async function lay(laying: Laying, kept: readonly string[], signal: AbortSignal): Promise<void> {
  const { game, registry, player, challenge } = laying
  const images = await buildImages(challenge.folder, await starterValues(game, player, challenge))
  const row = await playerById(game.sql, player.playerId)
  const one = { ...player, playerName: row?.name ?? null }
  const others = await unchangedChallenges(game, one, signal)
  const hints = new Map<string, Hint>()
  for (const image of images) {
    if (signal.aborted) throw new Inconclusive('the registry took too long')
    const name = `${image.repository}:${image.tag}`
    if (kept.includes(name)) continue
    const digest = await registry.lay(player.slug, image)
    await noteImage(game.sql, player.playerId, challenge.id, name)
    const manifests = [...(hints.get(image.repository)?.manifests ?? []), digest]
    hints.set(image.repository, { manifests: new Set(manifests), blobs: new Set() })
  }
  await takeAsSeen(game, one, [challenge, ...others.filter(({ id }) => id !== challenge.id)], signal)
  await readRegistry(game, registry, player, hints, timeoutSignal(readMs)).catch((error: unknown) =>
    game.log.warn({ err: error, slug: player.slug }, 'images that were laid are counted later'),
  )
}
