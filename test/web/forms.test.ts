import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { startGame } from '../helpers/game.ts'
import { openJar } from '../helpers/jar.ts'
import { pathsOf } from '../helpers/routes.ts'

/** Asked by programs, which log in with each request; and the language, which is a cookie and nobody's secret. */
const exempt = ['/registry/token', '/hooks/registry', '/language']

test('no form of any page is taken from another site, however one is logged in', async (t) => {
  const hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  t.after(() => hunt.close())
  await hunt.register('Tara')
  const jar = await openJar(hunt.url, 'Tara')
  const actions = pathsOf(hunt.master.app, 'post').filter((path) => !exempt.includes(path))
  assert.ok(actions.length > 20, actions.join(' '))
  for (const known of ['/login', '/me/name', '/hunt/:id/check', '/desk/window', '/workspace/reset'])
    assert.ok(actions.includes(known), `${known} is not among ${actions.join(' ')}`)
  for (const action of actions) {
    const path = action.replaceAll(/:\w+/g, '1')
    const forms = [
      `<form action="${path}">`,
      `<form action="${path}"><input type="hidden" name="_csrf" value="forged">`,
    ]
    for (const html of forms) {
      const page = { status: 200, path, headers: new Headers(), html, text: '' }
      const { status } = await jar.send(page, path, { name: 'Mara', password: 'mara-was-here' })
      assert.equal(status, 403, `${action} answered ${status}`)
    }
  }
  const { members } = (
    await hunt.game.sql<{ members: number }[]>`
    select count(*)::int as members from players where name = 'Mara'`
  )[0] ?? { members: -1 }
  assert.equal(members, 0)
})
