import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import type { ParamValue } from '../../../src/db/parameters.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { challengeOf } from '../../../src/game/game.ts'
import { parametersFor } from '../../../src/game/parameters.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf, listOf, type Ask } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
})
after(() => hunt.close())

const answerOf = async (player: Registered): Promise<ParamValue | undefined> =>
  (await parametersFor(hunt.game, player.playerId, challengeOf(hunt.game, 'word')))['word']
const submit = (player: Registered, id: string, answer?: unknown) =>
  ask('POST', `/challenges/${id}/submissions`, {
    token: player.token,
    ...(answer !== undefined && { body: { answer } }),
  })
const verdict = (player: Registered, id: string, query = '?wait=30') =>
  ask('GET', `/submissions/${id}${query}`, { token: player.token })

test('a verdict on the repository says what was expected and seen, in the language that is asked for', async () => {
  const player = await hunt.register('Verdict Reader')
  const made = await submit(player, 'first')
  assert.equal(made.status, 202)
  assert.equal(made.headers.get('location'), `/api/v1/submissions/${made.body.id}`)
  const { body } = await verdict(player, made.body.id)
  assert.equal(body.status, 'done')
  assert.equal(body.verdict, 'failed')
  assert.equal(body.trigger, 'api')
  assert.equal(body.checks[0]?.findings[0]?.message, 'There is no word.txt.')
  assert.equal(body.checks[0].evidence[0]?.what, 'commit')
  const french = await verdict(player, made.body.id, '?lang=fr')
  assert.equal(french.body.checks[0]?.findings[0]?.message, 'Il n’y a pas de word.txt.')
})

test('the right answer scores: on the own row and on the leaderboard', async () => {
  const player = await hunt.register('Word Knower')
  const wrong = await submit(player, 'word', 'guess')
  assert.equal((await verdict(player, wrong.body.id)).body.verdict, 'failed')
  const right = await submit(player, 'word', await answerOf(player))
  const { body } = await verdict(player, right.body.id)
  assert.equal(body.verdict, 'passed')
  const me = await ask('GET', '/me', { token: player.token })
  assert.equal(me.body.score, 50)
  assert.equal(me.body.solved['word']?.submission, right.body.id)
  const challenges = await ask('GET', '/challenges', { token: player.token })
  assert.equal(listOf(challenges)[2]?.state, 'solved')
  await hunt.game.leaderboard.absorb(player.playerId, 'word')
  await new Promise<unknown>((resolve) => hunt.game.leaderboard.subscribe(resolve))
  const board = await ask('GET', `/leaderboard?around=${player.slug}`)
  const row = board.body.rows.find((one) => one.slug === player.slug)
  assert.equal(row?.score, 50)
  assert.equal(board.body.first['word'], player.slug)
})

test('a missing, empty, long or enormous answer is refused in words, and so is one that is no text', async () => {
  const player = await hunt.register('Big Talker')
  assert.equal((await submit(player, 'word')).body.code, 'answer-missing')
  assert.equal((await submit(player, 'word', '  ')).body.code, 'answer-missing')
  assert.equal((await submit(player, 'word', 'x'.repeat(2000))).body.code, 'answer-long')
  assert.equal((await submit(player, 'word', 'x'.repeat(1_000_000))).status, 413)
  assert.equal((await submit(player, 'word', { deep: true })).body.errors[0]?.field, 'answer')
  assert.equal((await submit(player, 'second')).body.code, 'locked')
})

test('another’s submission cannot be told from one that is not there', async () => {
  const one = await hunt.register('Submission Owner')
  const two = await hunt.register('Submission Thief')
  const made = await submit(one, 'first')
  const stolen = await verdict(two, made.body.id, '')
  const none = await verdict(two, '00000000-0000-4000-8000-000000000000', '')
  const odd = await verdict(two, 'not-an-id', '')
  for (const { status, body } of [stolen, none, odd]) {
    assert.equal(status, 404)
    assert.equal(body.detail, none.body.detail)
  }
})

test('ten at once: one waits, the older ones say which took their place, and the last is judged', async () => {
  const player = await hunt.register('Ten Clicks')
  const made = await Promise.all(Array.from({ length: 10 }, () => submit(player, 'first')))
  assert.deepEqual(
    made.map(({ status }) => status),
    Array(10).fill(202),
  )
  const ids = made.map(({ body }) => body.id)
  const ends = new Map<string, { status: string; supersededBy: string }>()
  for (const id of ids) ends.set(id, (await verdict(player, id)).body)
  for (const [id, end] of ends) {
    let at = end
    for (let steps = 0; at.status === 'superseded' && steps < 10; steps += 1) {
      const next = ends.get(at.supersededBy)
      assert.ok(next, `${id} leads nowhere`)
      at = next
    }
    assert.equal(at.status, 'done', id)
  }
  const [row] = await hunt.game.sql`select count(*)::int as open from submissions
    where player_id = ${player.playerId} and status in ('queued', 'running', 'waiting')`
  assert.equal(row?.['open'], 0)
})

test('the list comes newest first in pages, by challenge, and only one’s own', async () => {
  const player = await hunt.register('Busy Bee')
  await hunt.game.sql`
    insert into submissions (player_id, challenge_id, trigger, received_at, status, verdict, finished_at)
    select ${player.playerId}, case when n % 2 = 0 then 'first' else 'word' end, 'api', now() - n * interval '1 second',
      'done', 'failed', now() from generate_series(1, 120) n`
  const list = (query: string) => ask('GET', `/submissions${query}`, { token: player.token })
  const seen: string[] = []
  let next: string | number | null = ''
  while (next !== null) {
    const { body } = await list(next === '' ? '' : `?after=${next}`)
    seen.push(...body.rows.map((one) => one.id))
    next = body.next
  }
  assert.equal(seen.length, 120)
  assert.equal(new Set(seen).size, 120)
  const words = await list('?challenge=word')
  assert.equal(words.body.rows.length, 50)
  assert.ok(words.body.rows.every((one) => one.challenge === 'word'))
  assert.equal((await list('?after=nonsense')).body.code, 'cursor')
})

test('whoever waits for a verdict and goes away is not waited for', { timeout: 20_000 }, async () => {
  const player = await hunt.register('Impatient')
  // Run by a worker that lives, and never comes to an end.
  const worker = await hunt.database.sql.reserve()
  await worker`select pg_advisory_lock(7305, 4711)`
  const [row] = await hunt.game.sql<{ id: string }[]>`
    insert into submissions (player_id, challenge_id, trigger, status, worker)
    values (${player.playerId}, 'first', 'api', 'running', 4711) returning id`
  const { bus } = hunt.game
  const listen = bus.listen.bind(bus)
  const listening = new EventEmitter()
  bus.listen = (listener) => {
    const off = listen(listener)
    listening.emit('on')
    return () => {
      off()
      listening.emit('off')
    }
  }
  const gone = new AbortController()
  const [on, off] = [once(listening, 'on'), once(listening, 'off')]
  const asked = fetch(`${hunt.url}/api/v1/submissions/${row?.id}?wait=30`, {
    headers: { Authorization: `Bearer ${player.token}` },
    signal: gone.signal,
  })
  await on
  gone.abort()
  await assert.rejects(asked)
  await off
  bus.listen = listen
  worker.release()
})
