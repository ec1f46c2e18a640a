import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'
import { announce, setPause, setWindow } from '../../../src/game/upkeep/desk.ts'
import { apiOf, listOf, type Ask } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
})
after(() => hunt.close())

const states = (body: { id: string; state: string }[]) =>
  Object.fromEntries(body.map((one) => [one.id, one.state]))

test('everybody reads the list of stages; a player reads it as it stands for them, in a language of their choice', async () => {
  const visitor = await ask('GET', '/challenges')
  assert.deepEqual(states(listOf(visitor)), { first: 'open', second: 'locked', word: 'open' })
  const player = await hunt.register('Linguist', 'fr')
  const own = await ask('GET', '/challenges', { token: player.token })
  assert.equal(listOf(own)[2]?.title, 'Le mot de passe')
  const english = await ask('GET', '/challenges?lang=en', { token: player.token })
  assert.equal(listOf(english)[2]?.title, 'The password')
  assert.deepEqual(listOf(english)[1]?.after, ['first'])
  assert.deepEqual(listOf(english)[1]?.needs, ['forge'])
  assert.equal((await ask('GET', '/challenges?lang=xx')).status, 422)
})

test('an open stage is read with one’s own values, a locked one names what is missing', async () => {
  const player = await hunt.register('Curious Cat')
  const { body } = await ask('GET', '/challenges/first', { token: player.token })
  assert.match(body.story, /Curious Cat/)
  assert.match(body.commands, /git clone http:\/\/curiouscat@localhost:\d+\/git\/curiouscat\/first\.git/)
  assert.equal(body.repository?.url, `${hunt.url}/git/curiouscat/first.git`)
  assert.deepEqual(body.checks, [
    { name: 'the word is written', kind: 'git' },
    { name: 'the history grew', kind: 'git' },
  ])
  assert.equal(body.answer, false)
  const word = await ask('GET', '/challenges/word', { token: player.token })
  assert.equal(word.body.answer, true)
  assert.equal(word.body.repository, null)
  const locked = await ask('GET', '/challenges/second', { token: player.token })
  assert.equal(locked.status, 403)
  assert.equal(locked.body.code, 'locked')
  assert.deepEqual(locked.body.missing, ['first'])
  assert.equal((await ask('GET', '/challenges/nowhere', { token: player.token })).status, 404)
  assert.equal((await ask('GET', '/challenges/%E0%A4%A', { token: player.token })).status, 400)
})

test('hints show their price before, come in order, and not at all for a locked stage', async () => {
  const player = await hunt.register('Hint Hunter')
  const take = (id: string, n: string) => ask('POST', `/challenges/${id}/hints/${n}`, { token: player.token })
  const before = await ask('GET', '/challenges/first', { token: player.token })
  assert.deepEqual(before.body.hints[0], { number: 1, price: 10, taken: false, text: null })
  assert.equal((await take('first', '2')).body.code, 'hint-order')
  const one = await take('first', '1')
  assert.deepEqual(one.body, { number: 1, price: 10, taken: true, text: 'The word begins with a letter.' })
  assert.deepEqual((await take('first', '1')).body, one.body)
  assert.equal((await take('first', '3')).status, 404)
  assert.equal((await take('first', 'all')).status, 404)
  assert.equal((await take('second', '1')).body.code, 'locked')
})

test('starting again lays the repository anew', async () => {
  const player = await hunt.register('Fresh Start')
  const { status, body } = await ask('POST', '/challenges/first/reset', { token: player.token })
  assert.equal(status, 202)
  assert.equal(body.repository?.url, `${hunt.url}/git/freshstart/first.git`)
  const none = await ask('POST', '/challenges/word/reset', { token: player.token })
  assert.equal(none.status, 409)
  assert.equal(none.body.code, 'no-repository')
})

test('the hunt says its window, pause and announcement as the desk sets them', async () => {
  const { memberId: by } = await hunt.register('Desk Clerk')
  const start = '2035-01-01T10:00:00.000Z'
  await setWindow(hunt.game, by, { start })
  await setPause(hunt.game, by, true)
  await announce(hunt.game, by, { en: 'Tea is ready.', fr: 'Le thé est prêt.' })
  const { body } = await ask('GET', '/hunt?lang=fr')
  assert.equal(body.phase, 'before')
  assert.deepEqual(body.window, { start, end: null, freeze: null, timezone: 'Europe/Paris' })
  assert.equal(body.paused, true)
  assert.equal(body.announcement?.text, 'Le thé est prêt.')
  const player = await hunt.register('Early Bird')
  const early = await ask('GET', '/challenges/first', { token: player.token })
  assert.equal(early.body.code, 'not-started')
  assert.equal(early.body.start, start)
  await setWindow(hunt.game, by, {})
  await setPause(hunt.game, by, false)
  await announce(hunt.game, by, null)
  assert.equal((await ask('GET', '/hunt')).body.announcement, null)
})
