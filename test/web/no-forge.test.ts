import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { Registered } from '../../src/game/people/register.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { apiOf, listOf, type Ask } from '../helpers/api.ts'
import { testBudget } from '../helpers/cluster.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { anonymousJar, openJar } from '../helpers/jar.ts'
import { testDatabase, type TestDatabase } from '../helpers/postgres.ts'
import { openShell } from '../helpers/shell.ts'

const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

describe('On a board without a Git host', () => {
  let database: TestDatabase
  let folder: string
  let hunt: TestGame
  let ask: Ask
  /** Solved a Git stage while the board still had a forge. */
  let early: Registered

  before(async () => {
    database = await testDatabase()
    folder = await mkdtemp(join(tmpdir(), 'shambhala-no-forge-'))
    const board = join(folder, 'board.yaml')
    await writeFile(board, stringify({ forge: 'none', budgets: { default: testBudget } }))
    const settings = { DATABASE_URL: database.url, DATA_DIR: join(folder, 'data') }
    const first = await startGame({ challenges, settings })
    early = await first.register('Early Bird')
    const shell = openShell()
    const pushed = await shell.run(
      `git clone -q ${first.cloneUrl(early, 'first')} one && cd one && echo right > word.txt && git add -A && git commit -qm w && git push`,
    )
    assert.match(pushed.remote.at(-1) ?? '', /^\+100/)
    shell.remove()
    await first.close()
    hunt = await startGame({ challenges, settings: { ...settings, BOARD_FILE: board } })
    ask = apiOf(hunt.url)
  })
  after(async () => {
    await hunt.close()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  const states = async (token?: string) => {
    const list = listOf(await ask('GET', '/challenges', token === undefined ? {} : { token }))
    return Object.fromEntries(list.map(({ id, state }) => [id, state]))
  }

  it('the map says of each Git stage that it is not there, and the others are played', async () => {
    const { name, token } = await hunt.register('Late Riser')
    const map = await (await openJar(hunt.url, name)).get('/map')
    assert.equal(map.status, 200)
    assert.match(map.text, /The first step .*?not on this board This board has no Git host\./)
    assert.match(map.text, /Your workspace This board has no Git host\./)
    assert.doesNotMatch(map.html, /git clone|\/git\//)
    assert.deepEqual(await states(token), { first: 'unavailable', second: 'unavailable', word: 'open' })
    const { body } = await ask('GET', '/hunt')
    assert.deepEqual((body as unknown as { board: string[] }).board, [])
  })

  it('whoever joins is sent to a stage that can be played, and reads no word of Git', async () => {
    const jar = anonymousJar(hunt.url)
    const fields = { name: 'New Comer', password: 'correct horse battery' }
    const welcome = await jar.send(await jar.get('/join'), '/join', fields)
    assert.equal(welcome.status, 200)
    assert.match(welcome.html, /class="button" href="\/hunt\/word"/)
    assert.doesNotMatch(welcome.html, /git config|git clone|password for Git/)
    assert.match(welcome.text, /Your workspace This board has no Git host\./)
    const made = await ask('POST', '/players', {
      body: { name: 'Script Kid', password: 'correct horse battery' },
    })
    assert.equal(made.status, 201)
    const none = { state: 'none', repositories: [], cluster: null, registry: null }
    assert.deepEqual(made.body.workspace, none)
    assert.deepEqual((await ask('GET', '/workspace', { token: made.body.token })).body, none)
    assert.equal((await jar.get('/workspace')).status, 404)
  })

  it('a Git stage is refused with the reason, by its page and by the API', async () => {
    const { name, token } = await hunt.register('Try All')
    const jar = await openJar(hunt.url, name)
    const page = await jar.get('/hunt/first')
    assert.equal(page.status, 403)
    for (const [method, path] of [
      ['GET', '/challenges/first'],
      ['POST', '/challenges/first/reset'],
      ['POST', '/challenges/first/submissions'],
    ] as const) {
      const { status, body } = await ask(method, path, { token, ...(method === 'POST' && { body: {} }) })
      assert.deepEqual([status, body.code], [403, 'unavailable'], path)
      assert.equal(body.detail, 'This board has no forge, which the stage needs.')
    }
    const git = await fetch(`${hunt.url}/git/tryall/first.git/info/refs?service=git-upload-pack`)
    assert.equal(git.status, 404)
  })

  it('a solve from before stays, its stage is read without an address, and cannot be started again', async () => {
    const { token } = early
    assert.deepEqual(await states(token), { first: 'solved', second: 'unavailable', word: 'open' })
    const stage = await ask('GET', '/challenges/first', { token })
    assert.equal(stage.status, 200)
    assert.equal(stage.body.repository, null)
    assert.doesNotMatch(stage.body.commands, /http/)
    const jar = await openJar(hunt.url, early.name)
    const page = await jar.get('/hunt/first')
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.html, /action="\/hunt\/first\/reset"/)
    assert.match((await jar.get('/map')).text, /Your workspace This board has no Git host\./)
    assert.deepEqual((await ask('GET', '/workspace', { token })).body.repositories, [])
    const reset = await ask('POST', '/challenges/first/reset', { token })
    assert.deepEqual([reset.status, reset.body.code], [503, 'unavailable'])
  })

  it('a player takes everything along, and leaves', async () => {
    const { token } = early
    const taken = await fetch(`${hunt.url}/api/v1/me/export`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    assert.equal(taken.status, 200)
    assert.match(await taken.text(), /"challengeId": "first"/)
    assert.equal((await ask('DELETE', '/me', { token })).status, 204)
  })
})
