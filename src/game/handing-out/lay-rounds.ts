import type { Challenge } from '../../core/challenge.ts'
import type { PlayerRef } from '../../core/player.ts'
import { isAway } from '../../db/client.ts'
import { dueImages } from '../../db/starter-images.ts'
import { atMost, timeoutSignal } from '../../lib/deadline.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { createRounds } from '../../lib/rounds.ts'
import { partsOf, type Game } from '../game.ts'
import { layImages } from './lay-images.ts'

const roundMs = 5_000
const atOnce = 4
const mostInRound = 200
const pingMs = 5_000
/** A registry that hangs must not keep the server from stopping: what is half laid is laid again. */
const closingMs = 5_000

/** Lays starter images wherever a challenge has opened, and again where that failed. Any process may do it. */
export interface LayRounds {
  start(): void
  close(): Promise<void>
}

export function createLayRounds(game: Game): LayRounds {
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let state: 'idle' | 'working' | 'woken' | 'closed' = 'closed'
  const isClosed = () => state === 'closed'

  const challenges = createRounds<Challenge>({
    log: game.log,
    what: 'the images of a challenge',
    keyOf: ({ id }) => id,
    firstMs: 0,
    ends: isAway,
  })
  const layAll = async (challenge: Challenge) => {
    const due = (await dueImages(game.sql, challenge, mostInRound)).values()
    const one = async () => {
      for (const player of due) {
        if (isClosed()) return
        // Where the registry is away, the others would wait for nothing; else it is this player's path that is in trouble.
        if (!(await lay(game, player, challenge)) && !(await answers(game))) return
      }
    }
    await Promise.all(Array.from({ length: atOnce }, one))
  }
  const round = async () => {
    await challenges.each(handingOut(game), layAll)
  }
  const turn = () => {
    clearTimeout(timer)
    state = 'working'
    current = round()
      .catch((error: unknown) => game.log.warn({ err: error }, 'starter images could not be looked after'))
      .finally(() => {
        if (state === 'closed') return
        timer = setTimeout(turn, state === 'woken' ? 0 : roundMs)
        state = 'idle'
      })
  }
  const wake = () => {
    if (state === 'idle') turn()
    else if (state === 'working') state = 'woken'
  }
  // Somebody who has just registered is waiting.
  const stop = game.bus.listen((note) => {
    if (note.kind === 'player') wake()
  })
  return {
    start: turn,
    async close() {
      stop()
      state = 'closed'
      clearTimeout(timer)
      await atMost(closingMs, current)
    },
  }
}

/** Challenges that are open to whoever has solved what comes before. */
function handingOut(game: Pick<Game, 'hunt' | 'board' | 'settings'>): Challenge[] {
  if (game.settings.phase() === 'before') return []
  const parts = partsOf(game)
  return game.hunt.challenges.filter(
    ({ images, retired, needs }) => images !== null && !retired && needs.every((part) => parts.has(part)),
  )
}

async function answers({ board: { registry } }: Pick<Game, 'board'>): Promise<boolean> {
  return (
    registry?.ping(timeoutSignal(pingMs)).then(
      () => true,
      () => false,
    ) ?? false
  )
}

/** False where the registry did not answer. */
async function lay(game: Game, player: PlayerRef, challenge: Challenge): Promise<boolean> {
  try {
    await layImages(game, player, challenge)
    return true
  } catch (error) {
    const about = { err: error, slug: player.slug, challenge: challenge.id }
    game.log.warn(about, 'starter images could not be laid; it is tried again')
    return !(error instanceof Inconclusive)
  }
}
