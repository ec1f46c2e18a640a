import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openPush } from '../../../src/db/repositories.ts'
import { provision } from '../../../src/game/handing-out/provision.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { until } from '../../helpers/until.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

/** As a process leaves it that died between Git's write and ours. */
async function cutOff(playerId: string, agoSeconds: number): Promise<string> {
  const { sql } = hunt.game
  const id = await openPush(sql, playerId, 'first', { head: 'refs/heads/main', refs: {} })
  assert.ok(id)
  await sql`update pushes set received_at = now() - make_interval(secs => ${agoSeconds}) where id = ${id}`
  return id
}

const isClosed = async (id: string) => {
  const [row] = await hunt.game.sql<{ doneAt: Date | null }[]>`select done_at from pushes where id = ${id}`
  return row === undefined || row.doneAt !== null
}

test('a cut-off push that cannot be looked at does not keep later ones from being judged', async () => {
  const { sql } = hunt.game
  const bad = await hunt.register('Broken Folder')
  const good = await hunt.register('Good Folder')
  const gone = await hunt.register('Gone Folder')
  await rm(join(hunt.dataDir, 'repositories', bad.slug, 'first.git', 'HEAD'))
  await rm(join(hunt.dataDir, 'repositories', gone.slug), { recursive: true })
  await sql`delete from submissions`
  const broken = await cutOff(bad.playerId, 900)
  const lost = await cutOff(gone.playerId, 800)
  const later = await cutOff(good.playerId, 700)
  await until('the later push to be closed', 20, () => isClosed(later))
  const [judged] =
    await sql`select 1 from submissions where player_id = ${good.playerId} and trigger = 'push'`
  assert.ok(judged, 'the later push is judged')
  assert.deepEqual(
    [await isClosed(broken), await isClosed(lost)],
    [false, false],
    'what comes back with its disk is judged then',
  )
})

test('a submission that cannot be judged at all comes back later each time, and ends as our fault', async () => {
  const { sql } = hunt.game
  const player = await hunt.register('Of A Stage That Is Gone')
  await sql`insert into challenges (id) values ('taken-out') on conflict do nothing`
  const insert = async (unclear: number, trigger: string) => {
    const [row] = await sql<[{ id: string }]>`
      insert into submissions (player_id, challenge_id, trigger, unclear)
      values (${player.playerId}, 'taken-out', ${trigger}, ${unclear}) returning id`
    return row.id
  }
  const early = await insert(6, 'button')
  const last = await insert(9, 'api')
  const row = async (id: string) => {
    const [found] = await sql<{ status: string; verdict: string; left: number }[]>`
      select status, verdict, extract(epoch from retry_at - now())::int as left from submissions where id = ${id}`
    return found
  }
  const waits = await until(
    'the early one to wait',
    20,
    () => row(early),
    (one) => one.status === 'waiting',
  )
  assert.ok(waits.left > 60, `looked at again in ${waits.left} s`)
  const ended = await until(
    'the last one to end',
    20,
    () => row(last),
    (one) => one.status === 'done',
  )
  assert.equal(ended.verdict, 'inconclusive')
})

test('one repository of a player that cannot be made keeps no other of theirs from being made', async () => {
  const player = await hunt.register('Two Repositories')
  const forge = hunt.game.board.forge
  assert.ok(forge)
  await hunt.game.sql`
    insert into submissions (id, player_id, challenge_id, trigger, status, verdict, finished_at)
    values ('00000000-0000-4000-8000-000000000001', ${player.playerId}, 'first', 'push', 'done', 'passed', now())`
  await hunt.game.sql`
    insert into solves (player_id, challenge_id, submission_id, solved_at, points)
    values (${player.playerId}, 'first', '00000000-0000-4000-8000-000000000001', now(), 1)`
  await forge.remove(player.slug)
  const inTrouble = Object.create(forge, {
    ensure: {
      value: (...[repository, starter]: Parameters<typeof forge.ensure>) =>
        repository.name === 'first'
          ? Promise.reject(new Error('no room'))
          : forge.ensure(repository, starter),
    },
  }) as typeof forge
  const game = { ...hunt.game, board: { ...hunt.game.board, forge: inTrouble } }
  await assert.rejects(provision(game, player), /no room/)
  assert.equal(await forge.has({ slug: player.slug, name: 'second' }), true)
})
