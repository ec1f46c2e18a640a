import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { memberById } from '../../src/db/members.ts'
import { tokensOf } from '../../src/db/tokens.ts'
import { changePassword, makePasswordLink } from '../../src/game/people/passwords.ts'
import { createToken } from '../../src/game/people/tokens.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { privateRoutes } from '../../src/web/api/routes.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { anonymousJar, openJar } from '../helpers/jar.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { LIMIT_SUBMISSIONS_PER_MINUTE: '6' },
  })
})
after(() => hunt.close())

test('a link to a new password ends when the password is changed by other means', async () => {
  const { memberId } = await hunt.register('Linked')
  const { token } = await makePasswordLink(hunt.game, memberId, null)
  const visitor = anonymousJar(hunt.url)
  const form = await visitor.get(`/reset/${token}`)
  assert.equal(form.status, 200)
  const member = await memberById(hunt.game.sql, memberId)
  assert.ok(member)
  const next = 'a fresh pass phrase'
  await changePassword(hunt.game, member, { current: password, next, keepSession: null })
  assert.equal((await visitor.get(`/reset/${token}`)).status, 410)
  const late = await visitor.send(form, `/reset/${token}`, { password: 'the thief’s own one' })
  assert.equal(late.status, 410)
  const again = await makePasswordLink(hunt.game, memberId, null)
  assert.equal((await visitor.get(`/reset/${again.token}`)).status, 200)
})

test('of many tokens that are asked for at once, twenty are made', async () => {
  const player = await hunt.register('Token Collector')
  const made = await Promise.allSettled(
    Array.from({ length: 24 }, (_, number) => createToken(hunt.game, player.memberId, `n${number}`)),
  )
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 19)
  assert.equal((await tokensOf(hunt.game.sql, player.memberId)).length, 20)
})

test('each form is bound as the API is: what one may do in a minute, one may do in either way', async () => {
  await hunt.register('Form Filler')
  for (const [action, fields] of [
    ['/me/name', { name: 'Form Filler' }],
    ['/me/language', { language: 'en' }],
    ['/me/tokens/1/revoke', {}],
    ['/hunt/first/reset', {}],
    ['/hunt/first/hints/1', {}],
  ] as const) {
    const player = await hunt.register(`Filler of ${action.replace(/\W/g, ' ')}`.slice(0, 32).trim())
    const [{ name }] = await hunt.game.sql<
      [{ name: string }]
    >`select name from members where id = ${player.memberId}`
    const jar = await openJar(hunt.url, name)
    const csrf = /name="_csrf" value="([^"]+)"/.exec((await jar.get('/me')).html)?.[1] ?? ''
    let status = 0
    for (let round = 0; round < 7 && status !== 429; round += 1)
      status = (await jar.post(action, { ...fields, _csrf: csrf, ...('name' in fields && { name }) })).status
    assert.equal(status, 429, action)
    assert.equal((await jar.get('/me/export')).status, 429, 'they count together')
  }
})

test('every call of the API that changes something has a limit, and so has taking everything along', () => {
  const free = privateRoutes.filter(
    ({ method, limit, id }) => (method !== 'get' || id === 'exportMe') && limit === undefined,
  )
  assert.deepEqual(
    free.map(({ id }) => id),
    [],
  )
})
