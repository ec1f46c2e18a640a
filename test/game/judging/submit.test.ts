import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { insertSolve } from '../../../src/db/solves.ts'
import { challengeOf } from '../../../src/game/game.ts'
import { leave } from '../../../src/game/people/leave.ts'
import { parametersFor } from '../../../src/game/parameters.ts'
import { submit } from '../../../src/game/judging/submit.ts'
import type { Refusal } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { until } from '../../helpers/until.ts'
import { waitForLook } from '../../../src/game/judging/wait.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

const check = (
  player: { playerId: string; slug: string; memberId: string },
  challengeId: string,
  answer?: string,
) =>
  submit(hunt.game, {
    player,
    memberId: player.memberId,
    challengeId,
    trigger: 'button',
    ...(answer !== undefined && { answer }),
  })

test('ten clicks on Check end in one verdict, and each click in an end', async () => {
  const ann = await hunt.register('Ann')
  const ids = await Promise.all(Array.from({ length: 10 }, () => check(ann, 'first')))
  for (const id of ids) await waitForLook(hunt.game, id, 20_000)
  const rows = await hunt.game.sql<{ status: string; supersededBy: string | null }[]>`
    select status, superseded_by from submissions where player_id = ${ann.playerId}`
  assert.equal(rows.length, 10)
  assert.ok(
    rows.every((row) => row.status === 'done' || (row.status === 'superseded' && row.supersededBy !== null)),
  )
  assert.ok(rows.some((row) => row.status === 'done'))
})

test('a stage that is locked takes nothing and names what is missing', async () => {
  const bea = await hunt.register('Bea')
  await assert.rejects(check(bea, 'second'), (error: Refusal) => {
    assert.equal(error.status, 403)
    assert.deepEqual(error.extra['missing'], ['first'])
    return true
  })
})

test('wrong answers cost growing waits, the right one scores once, and no answer is kept where it is seen', async () => {
  const cid = await hunt.register('Cid')
  for (let round = 0; round < 3; round += 1)
    await waitForLook(hunt.game, await check(cid, 'word', `guess ${round}`), 20_000)
  await assert.rejects(
    check(cid, 'word', 'guess again'),
    (error: Refusal) => error.status === 429 && Number(error.extra['retryAfter']) > 0,
  )

  const dan = await hunt.register('Dan')
  const word = String((await parametersFor(hunt.game, dan.playerId, challengeOf(hunt.game, 'word')))['word'])
  await waitForLook(hunt.game, await check(dan, 'word', ` ${word.toUpperCase()} `), 20_000)
  const again = await check(dan, 'word', word)
  await waitForLook(hunt.game, again, 20_000)
  const solves = await hunt.game.sql`select award from solves where player_id = ${dan.playerId}`
  assert.equal(solves.length, 1)
  const shown = await hunt.game
    .sql`select findings, evidence from check_results r join submissions s on s.id = r.submission_id where s.player_id in (${cid.playerId}, ${dan.playerId})`
  assert.ok(!JSON.stringify(shown).includes(word) && !JSON.stringify(shown).includes('guess'))
})

/** Three wrong ones, as long ago as that. */
const guessedWrong = async (
  player: { playerId: string; slug: string; memberId: string },
  secondsAgo: number,
) => {
  for (let round = 0; round < 3; round += 1)
    await waitForLook(hunt.game, await check(player, 'word', `guess ${round}`), 20_000)
  await hunt.game.sql`
    update submissions set inserted_at = now() - make_interval(secs => ${secondsAgo}),
      received_at = now() - make_interval(secs => ${secondsAgo})
    where player_id = ${player.playerId}`
}

test('of a burst of answers by page and API one is judged, and each of the others is told to wait', async () => {
  const pat = await hunt.register('Pat')
  await guessedWrong(pat, 30)
  const sent = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      submit(hunt.game, {
        player: pat,
        memberId: pat.memberId,
        challengeId: 'word',
        trigger: index % 2 === 0 ? 'button' : 'api',
        answer: `burst ${index}`,
      }),
    ),
  )
  const refused = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason as Refusal] : []))
  assert.equal(refused.length, 11)
  assert.ok(refused.every(({ code, extra }) => code === 'answer-delay' && Number(extra['retryAfter']) <= 8))
  const [row] = await hunt.game.sql<[{ count: number }]>`
    select count(*)::int as count from submissions where player_id = ${pat.playerId} and status <> 'superseded'`
  assert.equal(row.count, 4)
})

test('a clock that was set back makes nobody wait longer than the delay', async () => {
  const sue = await hunt.register('Sue')
  await guessedWrong(sue, -7200)
  await assert.rejects(
    check(sue, 'word', 'at once'),
    (error: Refusal) => error.code === 'answer-delay' && Number(error.extra['retryAfter']) <= 4,
  )
  await until('the next answer to be taken', 10, () => check(sue, 'word', 'a moment later').catch(() => null))
})

test('a wait is told by the database’s clock, whatever the server’s own says', async (t) => {
  const ted = await hunt.register('Ted')
  await guessedWrong(ted, 0)
  const real = Date.now()
  t.mock.timers.enable({ apis: ['Date'], now: real - 7_200_000 })
  await assert.rejects(
    check(ted, 'word', 'back'),
    (error: Refusal) => error.code === 'answer-delay' && Number(error.extra['retryAfter']) <= 4,
  )
  t.mock.timers.reset()
})

test('the schema itself refuses a second solve, a foreign status, and any change of the audit log', async () => {
  const eli = await hunt.register('Eli')
  const id = await check(eli, 'first')
  await waitForLook(hunt.game, id, 20_000)
  const solve = {
    playerId: eli.playerId,
    challengeId: 'first',
    submissionId: id,
    solvedAt: new Date(),
    points: 100,
    hintsCost: 130,
  }
  assert.equal(await insertSolve(hunt.game.sql, solve), true)
  assert.equal(await insertSolve(hunt.game.sql, solve), false)
  const [row] = await hunt.game.sql<
    { award: number }[]
  >`select award from solves where player_id = ${eli.playerId}`
  assert.equal(row?.award, 0, 'hints never cost more than the stage brings')
  await assert.rejects(
    hunt.game.sql`update submissions set status = 'won' where id = ${id}`,
    /check constraint/,
  )
  await assert.rejects(hunt.game.sql`update audit set action = 'nothing'`, /append-only/)
  await assert.rejects(hunt.game.sql`delete from audit`, /append-only/)
  await assert.rejects(hunt.game.sql`truncate audit`, /append-only/)
})

test('who leaves takes name, credentials and repositories along, and nobody gets the slug again', async () => {
  const fay = await hunt.register('Fay Leaves')
  await waitForLook(hunt.game, await check(fay, 'first'), 20_000)
  await leave(hunt.game, fay)
  const [player] = await hunt.game.sql`select name, slug, state from players where id = ${fay.playerId}`
  assert.equal(player?.['name'], null)
  assert.notEqual(player['slug'], fay.slug)
  const left = await hunt.game.sql`select 1 from members where player_id = ${fay.playerId}`
  assert.equal(left.length, 0)
  assert.equal(await hunt.game.board.forge?.has({ slug: fay.slug, name: 'first' }), false)
  const again = await hunt.register('Fay Leaves')
  assert.notEqual(again.slug, fay.slug)
  const kept = await hunt.game.sql`select 1 from submissions where player_id = ${fay.playerId}`
  assert.equal(kept.length, 1)
})
