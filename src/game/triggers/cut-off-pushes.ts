import type { Snapshot } from '../../core/snapshot.ts'
import { isAway } from '../../db/client.ts'
import { closePush, forgottenPushes, foundByNextPush, type PushRow } from '../../db/repositories.ts'
import { createRounds } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import { submitPush } from './push.ts'

/** Judges pushes that moved refs and of which nobody was told: the process died, or the database was away. */
export function createPushHealer(game: Game): (olderThanSeconds: number) => Promise<void> {
  const rounds = createRounds<PushRow>({
    log: game.log,
    what: 'a push that a crash cut off',
    keyOf: ({ id }) => id,
    ends: isAway,
  })
  return async (olderThanSeconds) => {
    for await (const pushes of forgottenPushes(game.sql, olderThanSeconds))
      await rounds.each(pushes, (push) => heal(game, push))
  }
}

async function heal(game: Game, push: PushRow): Promise<void> {
  const { forge } = game.board
  if (!forge) return
  if (push.left) {
    await closePush(game.sql, push.id)
    return
  }
  const reader = forge.reader({ slug: push.slug, name: push.repository })
  try {
    const now = await reader.snapshot()
    const next = await foundByNextPush(game.sql, push)
    // What came with a later push is not this one's; of two at once nobody knows, so that it counts from now.
    const isKnown = next === undefined || !sameRefs(push.before, next)
    const snapshot = isKnown && next ? next : now
    if (sameRefs(push.before, snapshot)) await closePush(game.sql, push.id)
    else {
      game.log.warn({ push: push.id }, 'a push that a crash cut off is judged now')
      await submitPush(game, {
        id: push.id,
        player: push,
        repository: push.repository,
        memberId: null,
        receivedAt: isKnown ? push.receivedAt : new Date(),
        snapshot,
      })
    }
  } finally {
    reader.close()
  }
}

function sameRefs(a: Snapshot, b: Snapshot): boolean {
  const names = new Set([...Object.keys(a.refs), ...Object.keys(b.refs)])
  return [...names].every((name) => a.refs[name] === b.refs[name])
}
