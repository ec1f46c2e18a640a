import type { Game } from './game.ts'

/** Where images lie, for the templates of stories, hints, commands and starters. */
export interface ImagePlaces {
  /** What stands before the names of images that the hunt provides, such as `registry.example.org/hunt/`. */
  images: string
  /** The registry as clients name it and the player's path in it; empty where the board has none. */
  registry: { host: string; path: string; plainHttp: boolean }
}

export function imagePlaces({ hunt, board }: Pick<Game, 'hunt' | 'board'>, slug: string): ImagePlaces {
  if (!board.registry)
    return { images: hunt.images ?? 'hunt/', registry: { host: '', path: '', plainHttp: false } }
  const { host, plainHttp } = board.registry
  return { images: hunt.images ?? `${host}/hunt/`, registry: { host, path: `${host}/${slug}`, plainHttp } }
}
