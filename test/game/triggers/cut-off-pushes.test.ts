import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import { openPush } from '../../../src/db/repositories.ts'
import { createPushHealer } from '../../../src/game/triggers/cut-off-pushes.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'

let hunt: TestGame
let shell: Shell
before(async () => {
  // Nobody judges or sweeps but the test.
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    roles: ['web'],
    settings: { PUSH_WAIT_SECONDS: '0' },
  })
  shell = openShell()
})
after(async () => {
  shell.remove()
  await hunt.close()
})

test('a push that a crash cut off is judged as it was, not by what was pushed since', async () => {
  const { sql } = hunt.game
  const eve = await hunt.register('Eve')
  const snapshotNow = async (): Promise<Snapshot> => {
    const reader = hunt.game.board.forge?.reader({ slug: eve.slug, name: 'first' })
    try {
      const snapshot = await reader?.snapshot()
      assert.ok(snapshot)
      return snapshot
    } finally {
      reader?.close()
    }
  }
  const cutOff = async (before: Snapshot) => {
    const id = await openPush(sql, eve.playerId, 'first', before)
    await sql`update pushes set received_at = now() - interval '900 seconds' where id = ${id}`
  }
  const starter = await snapshotNow()
  await cutOff({ ...starter, refs: {} })
  await cutOff(starter)
  const pushed = await shell.run(
    `git clone -q ${hunt.cloneUrl(eve, 'first')} eve && cd eve && echo right > word.txt && git add -A && git commit -qm w && git push -q`,
  )
  assert.equal(pushed.code, 0, pushed.stderr)
  await sql`delete from submissions`
  await createPushHealer(hunt.game)(0)
  const rows = await sql<{ age: number; snapshots: Record<string, Snapshot> }[]>`
    select extract(epoch from now() - received_at)::int as age, snapshots from submissions
    where player_id = ${eve.playerId} order by received_at`
  const seen = rows.map(({ age, snapshots }) => [age > 600, snapshots['first']?.refs['refs/heads/main']])
  assert.deepEqual(seen, [
    [true, starter.refs['refs/heads/main']],
    [false, (await snapshotNow()).refs['refs/heads/main']],
  ])
})
