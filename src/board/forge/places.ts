import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Inconclusive } from '../../lib/errors.ts'
import { createGate } from '../../lib/gate.ts'

/** Begins the names of folders on their way out. */
export const leaving = '.gone-'

/** Where the repositories of each player lie; laying something there and removing all of it take turns. */
export interface Places {
  /**
   * Called before what is laid is built; the answer puts it in place. Throws `Inconclusive` where all of the player's
   * repositories were removed in between: what began before that lays nothing after it.
   */
  begin(slug: string): <T>(place: () => Promise<T>) => Promise<T>
  /** What cannot be removed now throws, and can be asked for again. */
  remove(slug: string): Promise<void>
}

/** `end` ends what runs on a player's repositories. */
export function createPlaces(root: string, end: (slug: string) => Promise<void>): Places {
  const turns = createGate(1)
  const removed = new Map<string, number>()
  const times = (slug: string) => removed.get(slug) ?? 0
  return {
    begin(slug) {
      const before = times(slug)
      return (place) =>
        turns.pass(slug, () => {
          if (times(slug) !== before)
            throw new Inconclusive('the repositories of this player were removed meanwhile')
          return place()
        })
    },
    async remove(slug) {
      removed.set(slug, times(slug) + 1)
      await end(slug)
      await turns.pass(slug, async () => {
        await moveAway(join(root, slug), join(root, `${leaving}${slug}-${randomBytes(6).toString('hex')}`))
        // Begun between the two, and now in a folder that nobody finds.
        await end(slug)
      })
      // Also what could not be removed before.
      const gone = (await readdir(root)).filter((name) => name.startsWith(`${leaving}${slug}-`))
      for (const name of gone) await rm(join(root, name), { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function moveAway(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
}
