import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { anonymousJar, openJar } from '../helpers/jar.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

const enter = async (name: string, language = 'en') => {
  const jar = anonymousJar(hunt.url)
  return await jar.send(await jar.get('/join'), '/join', { name, password, language })
}

test('whoever joins under a name with a character that nobody sees reads which one it is, and what to do', async () => {
  const page = await enter('Ada\u3164')
  assert.equal(page.status, 422)
  assert.match(page.text, /Nobody would see U\+3164 HANGUL FILLER \(character 4\) in this name\. Take it out/)
  const answer = await fetch(`${hunt.url}/api/v1/players`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'A\u200dda', password }),
  })
  const problem = (await answer.json()) as {
    code: string
    detail: string
    character: string
    position: number
  }
  assert.equal(answer.status, 422)
  assert.equal(problem.code, 'name-joiner')
  assert.match(problem.detail, /U\+200D ZERO WIDTH JOINER \(character 2\) joins nothing/)
  assert.deepEqual([problem.character, problem.position], ['U+200D ZERO WIDTH JOINER', 2])
})

test('a name with joiners of its script is kept, shown, and found by whoever types it without them', async () => {
  assert.equal((await enter('علی\u200cرضا')).status, 200)
  assert.equal((await enter('علیرضا')).status, 422)
  const jar = await openJar(hunt.url, 'علیرضا')
  const me = await jar.get('/me')
  assert.ok(me.html.includes('علی\u200cرضا'))
  assert.equal((await enter('Valentina 👩‍🚀')).status, 200)
  assert.ok((await jar.get('/leaderboard')).html.includes('Valentina 👩‍🚀'))
})

test('whoever takes a new name reads the same of it', async () => {
  await hunt.register('Renamer')
  const jar = await openJar(hunt.url, 'Renamer')
  const page = await jar.send(await jar.get('/me'), '/me/name', { name: 'Re\u200bnamed' })
  assert.equal(page.status, 422)
  assert.match(page.text, /Nobody would see U\+200B ZERO WIDTH SPACE \(character 3\)/)
  const french = await jar.send(await jar.get('/me'), '/me/language', { language: 'fr' })
  assert.equal(french.status, 200)
  const refused = await jar.send(await jar.get('/me'), '/me/name', { name: 'Re\u200bnamed' })
  assert.match(refused.text, /Personne ne verrait U\+200B ZERO WIDTH SPACE \(caractère 3\)/)
})
