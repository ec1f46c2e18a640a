import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Forge } from '../../../src/board/forge/types.ts'
import { resetChallenge } from '../../../src/game/handing-out/provision.ts'
import { submit } from '../../../src/game/judging/submit.ts'
import { takeHint } from '../../../src/game/judging/hints.ts'
import { leave } from '../../../src/game/people/leave.ts'
import { removeStrays } from '../../../src/game/people/take-back.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { Refusal } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openShell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

const folders = () => readdir(join(hunt.dataDir, 'repositories'))
const press = (player: Registered) =>
  submit(hunt.game, { player, memberId: player.memberId, challengeId: 'first', trigger: 'button' })

/** What came of work in the instant of leaving: done, or refused in words; nothing of ours. */
function refusedOrDone(result: PromiseSettledResult<unknown>): void {
  if (result.status === 'rejected' && !(result.reason instanceof Refusal)) throw result.reason
}

test('a stage that is started again in the instant of leaving comes back for nobody', async () => {
  for (let round = 0; round < 8; round += 1) {
    const player = await hunt.register(`Begins Again ${round}`)
    const results = await Promise.allSettled([
      resetChallenge(hunt.game, player, 'first'),
      resetChallenge(hunt.game, player, 'first'),
      leave(hunt.game, player),
    ])
    for (const result of results) refusedOrDone(result)
    assert.ok(!(await folders()).includes(player.slug), `round ${round}: the folder is there again`)
  }
})

test('leaving amid checks, hints, resets and pushes never breaks, and nothing of the leaver is judged any more', async () => {
  const shell = openShell()
  for (let round = 0; round < 6; round += 1) {
    const player = await hunt.register(`In The Middle ${round}`)
    const work = `w${round}`
    await shell.run(`git clone -q ${hunt.cloneUrl(player, 'first')} ${work}`)
    const push = shell.run(`cd ${work} && git commit -qm more --allow-empty && git push -q`)
    const results = await Promise.allSettled([
      ...Array.from({ length: 6 }, () => press(player)),
      takeHint(hunt.game, { ...player, playerName: player.name }, 'first', 1),
      resetChallenge(hunt.game, player, 'first'),
      leave(hunt.game, player),
      ...Array.from({ length: 6 }, () => press(player)),
    ])
    for (const result of results) refusedOrDone(result)
    await push
    const open = await hunt.game.sql`
      select status from submissions where player_id = ${player.playerId} and status <> 'done' and status <> 'superseded'`
    assert.deepEqual([...open], [])
    const pushes = await hunt.game.sql`
      select 1 from pushes where player_id = ${player.playerId} and done_at is null`
    assert.equal(pushes.length, 0)
    assert.ok(!(await folders()).includes(player.slug))
  }
  shell.remove()
})

test('what cannot be removed at once is removed as soon as it can be, and leaving says so to nobody', async () => {
  const player = await hunt.register('Behind A Wall')
  const forge = hunt.game.board.forge
  assert.ok(forge)
  let closed = true
  const readOnly = Object.create(forge, {
    remove: {
      value: (slug: string) =>
        closed ? Promise.reject(new Error('EROFS: read-only file system')) : forge.remove(slug),
    },
  }) as Forge
  // The sweep of this server knows the true one.
  await leave({ ...hunt.game, board: { ...hunt.game.board, forge: readOnly } }, player)
  closed = false
  assert.ok((await folders()).includes(player.slug))
  await until('the folder to go', 60, async () => !(await folders()).includes(player.slug))
})

test('a folder that an older version left behind goes, too, and a stranger’s stays', async () => {
  const player = await hunt.register('Long Gone')
  await leave(hunt.game, player)
  await mkdir(join(hunt.dataDir, 'repositories', player.slug))
  await writeFile(join(hunt.dataDir, 'repositories', player.slug, 'x'), 'x')
  await mkdir(join(hunt.dataDir, 'repositories', 'nobodyknows'))
  await removeStrays(hunt.game)
  assert.ok(!(await folders()).includes(player.slug))
  assert.ok((await folders()).includes('nobodyknows'))
})

describe('Of who left', () => {
  test('no table says the name, the slug or a word', async () => {
    const player = await hunt.register('Zebulon Quux')
    await takeHint(hunt.game, { ...player, playerName: player.name }, 'first', 1)
    await resetChallenge(hunt.game, player, 'first')
    const id = await press(player)
    await until('the verdict', 30, async () => {
      const [row] = await hunt.game.sql<{ status: string }[]>`select status from submissions where id = ${id}`
      return row?.status === 'done'
    })
    await hunt.game.sql`
      update check_results set findings = '[{"ok":false,"message":{"en":"by Zebulon Quux"}}]' where submission_id = ${id}`
    await fetch(`${hunt.url}/api/v1/me/tokens`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${player.token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': 'one',
      },
      body: JSON.stringify({ name: 'zebulon’s laptop' }),
    })
    await leave(hunt.game, player)
    await until('all to be taken back', 30, async () => {
      const found = await tablesWith('zebulon')
      return found.length === 0
    })
    const keys = await hunt.game.sql`
      select 1 from idempotency_keys where scope = ${`member ${player.memberId}`}`
    assert.equal(keys.length, 0)
  })

  test('the audit log speaks by number; the desk shows the name while there is one', async () => {
    const player = await hunt.register('Named At The Desk')
    await takeHint(hunt.game, { ...player, playerName: player.name }, 'first', 1)
    const rows = await hunt.game.sql<{ subject: string; action: string }[]>`
      select subject, action from audit where member_id = ${player.memberId}`
    for (const { subject } of rows) assert.ok(!subject.includes(player.slug), subject)
    assert.ok(rows.some(({ subject }) => subject === `player ${player.playerId}`))
  })
})

/** Tables of which a row holds the text in whatever column; of leavers alone the one that takes back may. */
async function tablesWith(text: string): Promise<string[]> {
  const { sql } = hunt.game
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`
  const found: string[] = []
  for (const { name } of tables) {
    if (name === 'leavings') continue
    const rows = await sql`select 1 from ${sql(name)} t where t::text ilike ${`%${text}%`} limit 1`
    if (rows.length > 0) found.push(name)
  }
  return found
}
