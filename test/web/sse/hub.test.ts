import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tell } from '../../../src/db/events.ts'
import { announce, setHidden, setPause } from '../../../src/game/upkeep/desk.ts'
import { challengeOf } from '../../../src/game/game.ts'
import { parametersFor } from '../../../src/game/parameters.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { submit } from '../../../src/game/judging/submit.ts'
import { apiOf, logIn } from '../../helpers/api.ts'
import { readEvents } from '../../helpers/events.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { until } from '../../helpers/until.ts'
import { waitForLook } from '../../../src/game/judging/wait.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

async function answer(player: Registered, text?: string): Promise<string> {
  const values = await parametersFor(hunt.game, player.playerId, challengeOf(hunt.game, 'word'))
  const given = { player, memberId: player.memberId, challengeId: 'word', trigger: 'api' as const }
  return await submit(hunt.game, { ...given, answer: text ?? String(values['word']) })
}

const saysOf = (data: Record<string, unknown>) => (data['text'] as { en: string } | null)?.en ?? ''

test('a new reader learns at once which version of the leaderboard stands', async () => {
  const reader = await readEvents(hunt.url)
  assert.equal(reader.response.headers['content-type'], 'text/event-stream; charset=utf-8')
  assert.equal(reader.response.headers['cache-control'], 'no-store, no-transform')
  assert.equal(reader.response.headers['x-accel-buffering'], 'no')
  assert.equal(reader.response.headers['content-encoding'], undefined)
  const { data } = await reader.next('standings')
  const { body } = await apiOf(hunt.url)('GET', '/leaderboard')
  assert.equal(data['version'], body.version)
  assert.deepEqual(data['rows'], [])
  reader.close()
})

test('two hundred readers see a solve, with the row that moved and the first solver', async () => {
  const player = await hunt.register('Seen By All')
  const readers = await Promise.all(Array.from({ length: 200 }, () => readEvents(hunt.url)))
  await answer(player)
  const moved = (data: Record<string, unknown>) =>
    (data['rows'] as { slug: string; score: number }[]).some(
      (row) => row.slug === player.slug && row.score === 50,
    )
  const seen = await Promise.all(readers.map((reader) => reader.next('standings', moved)))
  assert.deepEqual(seen[0]?.data['first'], { word: player.slug })
  assert.equal(new Set(seen.map(({ data }) => data['version'])).size, 1)
  for (const reader of readers) reader.close()
})

test('a player reads of their own submissions, and nobody else does', async () => {
  const one = await hunt.register('Own Events')
  const two = await hunt.register('Other Events')
  const own = await readEvents(hunt.url, { token: one.token })
  const other = await readEvents(hunt.url, { token: two.token })
  const visitor = await readEvents(hunt.url)
  const id = await answer(one, 'wrong')
  const { data } = await own.next('submission', ({ status }) => status === 'done')
  assert.deepEqual(data, {
    id,
    challenge: 'word',
    status: 'done',
    verdict: 'failed',
    attempt: 1,
    retryAt: null,
  })
  // What comes to all after it has overtaken nothing.
  await setPause(hunt.game, one.memberId, true)
  for (const reader of [other, visitor]) {
    await reader.next('hunt', ({ paused }) => paused === true)
    assert.ok(!reader.events.some(({ event }) => event === 'submission'))
  }
  await setPause(hunt.game, one.memberId, false)
  for (const reader of [own, other, visitor]) reader.close()
})

test('a browser’s session is enough to read one’s own', async () => {
  const player = await hunt.register('Browser Reader')
  const reader = await readEvents(hunt.url, { headers: { Cookie: await logIn(hunt.url, 'Browser Reader') } })
  await answer(player, 'wrong')
  await reader.next('submission')
  reader.close()
})

test('who comes again is told what was missed: by header, or by query', async () => {
  const player = await hunt.register('Comes Again')
  const before = await readEvents(hunt.url, { token: player.token })
  await before.next('standings')
  const lastId = before.lastId() ?? ''
  assert.match(lastId, /^\d+$/)
  before.close()
  const id = await answer(player, 'wrong')
  await waitForLook(hunt.game, id, 30_000)
  await announce(hunt.game, player.memberId, { en: 'Soup!', fr: 'La soupe !' })
  for (const how of [{ headers: { 'Last-Event-ID': lastId } }, { query: `?lastEventId=${lastId}` }]) {
    const reader = await readEvents(hunt.url, { token: player.token, ...how })
    const missed = await reader.next('submission', (data) => data['id'] === id)
    assert.equal(missed.data['verdict'], 'failed')
    assert.ok(Number(missed.id) > Number(lastId))
    const told = await reader.next('announcement')
    assert.deepEqual(told.data['text'], { en: 'Soup!', fr: 'La soupe !' })
    assert.equal(reader.events.filter(({ event }) => event === 'submission').length, 1)
    reader.close()
  }
})

test('an announcement reaches everybody, and its withdrawal too', async () => {
  const by = (await hunt.register('Announcer')).memberId
  const reader = await readEvents(hunt.url)
  await announce(hunt.game, by, { en: 'Ten minutes left.' })
  await reader.next('announcement', (data) => saysOf(data) === 'Ten minutes left.')
  const told = reader.events.length
  await announce(hunt.game, by, null)
  await until('the withdrawal', 20, () =>
    reader.events.slice(told).find(({ event, data }) => event === 'announcement' && data['id'] === null),
  )
  reader.close()
})

/** A page as a browser has it, and what it opens its stream with. */
async function rendered(path: string, headers: Record<string, string> = {}) {
  const html = await (await fetch(hunt.url + path, { headers })).text()
  const since = / data-since="(\d+)"/.exec(html)?.[1]
  const stated = / data-hunt="([^"]*)"/.exec(html)?.[1]?.replaceAll('&quot;', '"') ?? 'null'
  return {
    html,
    hunt: JSON.parse(stated) as unknown,
    stream: () =>
      readEvents(hunt.url, { headers, query: since === undefined ? '' : `?lastEventId=${since}` }),
  }
}

for (const path of ['/leaderboard', '/leaderboard?screen', '/'])
  test(`what is announced between ${path} and the opening of its stream is told to everybody`, async () => {
    const by = (await hunt.register(`Between ${path.replaceAll(/\W/g, '')}x`)).memberId
    const page = await rendered(path)
    await announce(hunt.game, by, { en: `Tea after ${path}.` })
    await until(
      'the announcement',
      20,
      () => hunt.game.settings.announcement?.text.en === `Tea after ${path}.`,
    )
    const reader = await page.stream()
    const { data } = await reader.next('announcement', (told) => saysOf(told) === `Tea after ${path}.`)
    assert.ok(!page.html.includes(`id="announcement" data-id="${String(data['id'])}"`))
    assert.match((await rendered(path)).html, new RegExp(`id="announcement" data-id="${String(data['id'])}"`))
    await announce(hunt.game, by, null)
    reader.close()
  })

test('a pause between a page and the opening of its stream is told, and nothing is told as new that the page shows', async () => {
  const by = (await hunt.register('Between Pauses')).memberId
  for (const paused of [true, false]) {
    const old = await rendered('/leaderboard')
    const live = await readEvents(hunt.url)
    await live.next('standings')
    await setPause(hunt.game, by, paused)
    await live.next('hunt', (data) => data['paused'] === paused)
    live.close()
    const reader = await old.stream()
    await reader.next('hunt', (data) => data['paused'] === paused)
    assert.notDeepEqual(old.hunt, reader.events.find(({ event }) => event === 'hunt')?.data)
    reader.close()
    const page = await rendered('/leaderboard')
    const again = await page.stream()
    const { data } = await again.next('hunt')
    assert.deepEqual(page.hunt, data)
    again.close()
  }
})

test('a verdict between a stage’s page and the opening of its stream is told', async () => {
  const player = await hunt.register('Between Verdicts')
  const page = await rendered('/hunt/word', { Cookie: await logIn(hunt.url, 'Between Verdicts') })
  const id = await answer(player, 'wrong')
  await waitForLook(hunt.game, id, 30_000)
  const reader = await page.stream()
  const { data } = await reader.next('submission', (told) => told['id'] === id)
  assert.equal(data['verdict'], 'failed')
  reader.close()
})

test('who hears of an announcement and asks for the leaderboard reads it there, also while others move', async () => {
  const reader = await readEvents(hunt.url)
  for (let round = 0; round < 5; round += 1) {
    // A move is published a moment later; the body from before is kept until then.
    const by = await hunt.register(`Mover ${'abcde'.charAt(round)}`)
    await until('the move', 20, () => hunt.game.leaderboard.standings.rankOf(by.playerId) !== null)
    await rendered('/leaderboard')
    await announce(hunt.game, by.memberId, { en: `Round ${round}.` })
    await reader.next('announcement', (data) => saysOf(data) === `Round ${round}.`)
    assert.match((await rendered('/leaderboard')).html, new RegExp(`Round ${round}\\.`))
  }
  reader.close()
})

test('a repository that is laid anew is told of', async () => {
  const player = await hunt.register('Resetter')
  const reader = await readEvents(hunt.url, { token: player.token })
  await apiOf(hunt.url)('POST', '/challenges/first/reset', { token: player.token })
  const { data } = await reader.next('workspace')
  assert.deepEqual(data, { state: 'ready', repository: 'first' })
  reader.close()
})

test('the stream of one who leaves the hunt ends', async () => {
  const player = await hunt.register('Stream Leaver')
  const reader = await readEvents(hunt.url, { token: player.token })
  await reader.next('standings')
  await apiOf(hunt.url)('DELETE', '/me', { token: player.token })
  await reader.ended
  const again = await readEvents(hunt.url, { token: player.token })
  assert.equal(again.response.statusCode, 401)
  again.close()
})

test('a stream outlasts the news that its own player registered, which may come late, and that they are hidden', async () => {
  const player = await hunt.register('Early Reader')
  const reader = await readEvents(hunt.url, { token: player.token })
  await reader.next('standings')
  await tell(hunt.game.sql, 'player', player.playerId, player.slug)
  await setHidden(hunt.game, player.memberId, player.slug, true)
  const id = await answer(player, 'wrong')
  await reader.next('submission', (data) => data['id'] === id)
  reader.close()
})

test('one account may hold twenty streams; more are asked to come later, neighbours are not', async () => {
  const player = await hunt.register('Many Tabs')
  const readers = await Promise.all(
    Array.from({ length: 20 }, () => readEvents(hunt.url, { token: player.token })),
  )
  const more = await readEvents(hunt.url, { token: player.token })
  assert.equal(more.response.statusCode, 503)
  assert.equal(more.response.headers['retry-after'], '30')
  more.close()
  const visitor = await readEvents(hunt.url)
  assert.equal(visitor.response.statusCode, 200)
  for (const reader of [...readers, visitor]) reader.close()
})

test('a reader that does not read is let go of, and the others notice nothing', async () => {
  const by = (await hunt.register('Loud Speaker')).memberId
  const good = await readEvents(hunt.url)
  await good.next('standings')
  const { port } = new URL(hunt.url)
  const slow = connect(Number(port), 'localhost')
  await once(slow, 'connect')
  slow.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(slow, 'data')
  slow.pause()
  const open = async () =>
    Number(/shambhala_event_readers (\d+)/.exec(await (await fetch(`${hunt.url}/metrics`)).text())?.[1])
  // Long announcements, so that what the kernel holds for the connection is soon full.
  const text = 'x'.repeat(40_000)
  const full = await open()
  for (let count = 0; (await open()) === full && count < 600; count += 1) {
    await announce(hunt.game, by, { en: `${count} ${text}` })
    await good.next('announcement', (data) => saysOf(data).startsWith(`${count} `))
  }
  assert.equal(await open(), full - 1)
  slow.destroy()
  good.close()
})

test('HEAD on the stream answers and ends', async () => {
  const response = await fetch(`${hunt.url}/api/v1/events`, { method: 'HEAD' })
  assert.equal(response.status, 200)
})
