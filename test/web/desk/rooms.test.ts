import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame } from '../../helpers/game.ts'
import { openJar } from '../../helpers/jar.ts'
import { pathsOf } from '../../helpers/routes.ts'

test('no room of the desk opens to a player, be it a page or a form', async (t) => {
  const hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  t.after(() => hunt.close())
  await hunt.register('Tara')
  const jar = await openJar(hunt.url, 'Tara')
  const below = (method: 'get' | 'post') =>
    pathsOf(hunt.master.app, method)
      .filter((path) => /^\/desk(\/|$)/.test(path))
      .map((path) => path.replaceAll(/:\w+/g, '1'))
  const [pages, forms] = [below('get'), below('post')]
  assert.ok(pages.length >= 4 && forms.length >= 10, [...pages, ...forms].join(' '))
  for (const path of pages) {
    const { status, text } = await jar.get(path)
    assert.equal(status, 403, path)
    assert.match(text, /This page is the organizers’\./, path)
  }
  const own = await jar.get('/me')
  for (const path of forms) {
    const borrowed = { ...own, html: own.html.replaceAll('action="/me/name"', `action="${path}"`) }
    const { status, text } = await jar.send(borrowed, path)
    assert.equal(status, 403, path)
    assert.match(text, /This page is the organizers’\./, path)
  }
})
