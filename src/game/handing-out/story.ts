import type { Challenge } from '../../core/challenge.ts'
import { compileText } from '../../core/template.ts'
import { pick, type Language } from '../../core/text.ts'
import type { Game } from '../game.ts'
import { imagePlaces } from './image-places.ts'
import { parametersFor } from '../parameters.ts'
import type { NamedPlayer } from '../../core/player.ts'

export interface Story {
  /** Markdown, with this player's values. */
  story: string
  /** The lines to type; null where the challenge has none. */
  commands: string | null
  repository: { name: string; url: string } | null
}

/** The clone address of a player's repository. */
export function repositoryUrl(origin: string, slug: string, name: string): string {
  return `${origin}/git/${slug}/${name}.git`
}

/** The same with the player's name in it, so that Git asks for the token alone. */
function cloneUrl(origin: string, slug: string, name: string): string {
  return repositoryUrl(origin.replace('://', `://${slug}@`), slug, name)
}

/** A challenge's story and commands as one player reads them. `origin`: the address by which they reached us. */
export async function storyFor(
  game: Game,
  player: NamedPlayer,
  challenge: Challenge,
  view: { language: Language; origin: string },
): Promise<Story> {
  const name = challenge.repository
  const { images, registry } = imagePlaces(game, player.slug)
  const values = {
    params: await parametersFor(game, player.playerId, challenge),
    player: { slug: player.slug, name: player.playerName },
    repository:
      name === null ? { name: '', url: '' } : { name, url: cloneUrl(view.origin, player.slug, name) },
    hunt: { name: pick(game.hunt.name, view.language), url: view.origin, images },
    registry,
  }
  return {
    story: compileText(pick(challenge.story, view.language), values),
    commands: challenge.commands === undefined ? null : compileText(challenge.commands, values),
    repository: name === null ? null : { name, url: repositoryUrl(view.origin, player.slug, name) },
  }
}
