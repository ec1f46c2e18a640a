import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf, type Ask } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
})
after(() => hunt.close())

test('the document names every promised call, and each of them exists', async () => {
  const { body: document } = await ask('GET', '/openapi.json')
  assert.equal(document.openapi, '3.1.0')
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(calls.sort(), [
    'DELETE /me',
    'DELETE /tokens/{id}',
    'DELETE /workspace/images',
    'GET /challenges',
    'GET /challenges/{id}',
    'GET /events',
    'GET /hunt',
    'GET /leaderboard',
    'GET /me',
    'GET /me/export',
    'GET /openapi.json',
    'GET /submissions',
    'GET /submissions/{id}',
    'GET /tokens',
    'GET /workspace',
    'GET /workspace/images',
    'GET /workspace/kubeconfig',
    'GET /workspace/quota',
    'POST /challenges/{id}/hints/{n}',
    'POST /challenges/{id}/reset',
    'POST /challenges/{id}/submissions',
    'POST /players',
    'POST /tokens',
    'POST /workspace/renew',
    'POST /workspace/reset',
  ])
  for (const call of calls) {
    const [method = '', path = ''] = call.split(' ')
    const response = await fetch(`${hunt.url}/api/v1${path.replace(/\{\w+\}/g, '1')}`, { method })
    assert.notEqual(response.status, 405, call)
    // Without a token nothing is found out about what is there.
    assert.notEqual(response.status, 404, call)
    await response.body?.cancel()
  }
})

test('every reference in the document leads somewhere', async () => {
  const { body: document } = await ask('GET', '/openapi.json')
  const references = JSON.stringify(document).match(/"#\/components\/[^"]+"/g) ?? []
  assert.ok(references.length > 10)
  for (const reference of references) {
    const [, , kind = '', name = ''] = reference.slice(1, -1).split('/')
    assert.ok(document.components[kind]?.[name], reference)
  }
})

test('an unknown call is a problem that says where all calls are listed', async () => {
  const { status, body } = await ask('GET', '/nothing/here')
  assert.equal(status, 404)
  assert.equal(body.code, 'no-call')
  assert.match(body.detail, /openapi\.json/)
})

test('a method that a path does not have is named with those that it has', async () => {
  const wrong = await ask('DELETE', '/leaderboard')
  assert.equal(wrong.status, 405)
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD, OPTIONS')
  const other = await ask('PUT', '/tokens')
  assert.equal(other.status, 405)
  assert.equal(other.headers.get('allow'), 'GET, POST, HEAD, OPTIONS')
})

test('pages elsewhere may read what is public, and nothing else', async () => {
  for (const path of ['/leaderboard', '/hunt', '/challenges', '/openapi.json'])
    assert.equal((await ask('GET', path)).headers.get('access-control-allow-origin'), '*', path)
  const player = await hunt.register('Cors Reader')
  const me = await ask('GET', '/me', { token: player.token })
  assert.equal(me.headers.get('access-control-allow-origin'), null)
  const asked = await fetch(`${hunt.url}/api/v1/leaderboard`, { method: 'OPTIONS' })
  assert.equal(asked.status, 204)
  assert.match(asked.headers.get('access-control-allow-headers') ?? '', /If-None-Match/)
})
