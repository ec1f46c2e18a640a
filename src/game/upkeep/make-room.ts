import {
  claimTidying,
  finishTidying,
  freshEvidence,
  keepCommit,
  unjudgedObjects,
  type TidyingRow,
} from '../../db/tidyings.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { viewToKeep } from '../judging/evidence.ts'

type Tidying = Pick<Game, 'sql' | 'hunt' | 'board' | 'log'>

/** Gives room back in repositories whose owner has rewritten history or started again. */
export interface RoomMaker {
  /** Begins with what is due unless it is at it already; nobody has to wait. */
  begin(): void
  /** Ends behind the repository that is being tidied now. */
  close(): Promise<void>
}

export function createRoomMaker(game: Tidying): RoomMaker {
  let closing = false
  let current: Promise<void> | undefined
  const all = async () => {
    while (!closing && (await makeRoom(game))) continue
  }
  return {
    begin() {
      current ??= all()
        .catch((error: unknown) => game.log.warn({ err: error }, 'no repository can be tidied now'))
        .finally(() => (current = undefined))
    },
    async close() {
      closing = true
      await current
    },
  }
}

/** Tidies one repository that is due; false: none is. One that cannot be tidied now is due again some time later. */
export async function makeRoom(game: Tidying): Promise<boolean> {
  const { forge } = game.board
  const due = forge && (await claimTidying(game.sql))
  if (!forge || !due) return false
  try {
    const { more } = await forge.tidy(due, (unreached) => planFor(game, due, unreached))
    await finishTidying(game.sql, due, more)
  } catch (error) {
    const { playerId, name } = due
    game.log.warn({ err: error, playerId, name }, 'a repository could not be tidied; it is tried again')
  }
  return true
}

/** Evidence that only old verdicts need goes, but for what the verdict shows of it. */
async function planFor(game: Tidying, due: TidyingRow, unreached: readonly string[]) {
  const hold = await unjudgedObjects(game.sql, due)
  const needed = new Set([...hold, ...(await freshEvidence(game.sql, due))])
  const go: string[] = []
  for (const sha of unreached) {
    if (needed.has(sha)) continue
    try {
      await keepCommit(game.sql, due, sha, await viewToKeep(game, { ...due, repository: due.name, sha }))
      go.push(sha)
    } catch (error) {
      if (!(error instanceof Inconclusive)) throw error
      game.log.warn({ err: error, sha }, 'a commit that is evidence cannot be read now; it stays')
    }
  }
  return { go, hold }
}
