import type { Challenge } from '../../core/challenge.ts'
import { compileText } from '../../core/template.ts'
import { pick, type Language } from '../../core/text.ts'
import type { Game } from '../game.ts'
import { imagePlaces } from '../image-places.ts'
import { parametersFor } from '../parameters.ts'
import type { NamedPlayer } from '../../core/player.ts'
import { repositoryOf } from './repositories.ts'

export interface Story {
  /** Markdown, with this player's values. */
  story: string
  /** The lines to type; null where the challenge has none. */
  commands: string | null
  /** null where the challenge has none, or the board no forge. */
  repository: { name: string; url: string } | null
}

/** A challenge's story and commands as one player reads them. `origin`: the address by which they reached us. */
export async function storyFor(
  game: Pick<Game, 'secret' | 'sql' | 'hunt' | 'board'>,
  player: NamedPlayer,
  challenge: Challenge,
  view: { language: Language; origin: string },
): Promise<Story> {
  const repository = repositoryOf(game, player.slug, challenge, view.origin)
  const { images, registry } = imagePlaces(game, player.slug)
  const values = {
    params: await parametersFor(game, player.playerId, challenge),
    player: { slug: player.slug, name: player.playerName },
    repository: { name: challenge.repository ?? '', url: repository?.cloneUrl ?? '' },
    hunt: { name: pick(game.hunt.name, view.language), url: view.origin, images },
    registry,
  }
  return {
    story: compileText(pick(challenge.story, view.language), values, view.language),
    commands: challenge.commands === undefined ? null : compileText(challenge.commands, values),
    repository: repository && { name: repository.name, url: repository.url },
  }
}
