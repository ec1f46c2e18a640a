import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import request from 'supertest'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { openShell, type Shell } from '../helpers/shell.ts'

let hunt: TestGame
let shell: Shell

before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  shell = openShell()
})
after(async () => {
  await shell.run('git credential-cache exit')
  shell.remove()
  await hunt.close()
})

/** The line of the welcome page, read as a browser shows it. */
async function lineFor(name: string): Promise<{ line: string; token: string }> {
  const visitor = request.agent(hunt.master.app)
  const host = new URL(hunt.url).host
  const { text } = await visitor.get('/join').set('Host', host)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
  await visitor
    .post('/join')
    .set('Host', host)
    .type('form')
    .send({ name, password, language: 'en', _csrf: csrf })
  const page = await visitor.get('/welcome').set('Host', host)
  const shown = (pattern: RegExp) =>
    (pattern.exec(page.text)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&#x3D;', '=')
  return { line: shown(/<code>(git config [^<]+)<\/code>/), token: shown(/<code>(shb_[\w-]{43})<\/code>/) }
}

test('the line that lets Git remember the token leaves the machine’s own helper as it was', async () => {
  const { line, token } = await lineFor('Ada')
  const elsewhere = 'https://tara:own-key@git.example.org'
  await writeFile(join(shell.folder, '.git-credentials'), `${elsewhere}\n`)
  await shell.run('git config --global credential.helper store')
  const before = await shell.run('git config --global --get-all credential.helper')

  for (let time = 1; time <= 2; time += 1) {
    const set = await shell.run(line)
    assert.equal(set.code, 0, `${line}\n${set.stderr}`)
  }
  const after = await shell.run('git config --global --get-all credential.helper')
  assert.equal(after.stdout, before.stdout)
  const fill = (host: string, protocol: string) =>
    shell.run(`printf 'protocol=${protocol}\\nhost=${host}\\n\\n' | git credential fill`)
  assert.match((await fill('git.example.org', 'https')).stdout, /^password=own-key$/m)

  const { host } = new URL(hunt.url)
  const clone = `${hunt.url.replace('://', '://ada@')}/git/ada/first.git`
  const asked = await shell.run(`git clone -q ${clone} once`, {
    GIT_ASKPASS: 'echo',
    GIT_TERMINAL_PROMPT: '0',
  })
  assert.notEqual(asked.code, 0)
  const answer = join(shell.folder, 'answer')
  await writeFile(answer, `#!/bin/sh\necho ${token}\n`, { mode: 0o755 })
  const given = await shell.run(`git clone -q ${clone} once`, { GIT_ASKPASS: answer })
  assert.equal(given.code, 0, given.stderr)
  // The cache alone is asked: the other helper wrote it down as well, as it does with whatever it is shown.
  const cached = await shell.run(
    `printf 'protocol=http\\nhost=${host}\\n\\n' | git credential-cache --timeout=28800 get`,
  )
  assert.match(cached.stdout, new RegExp(`^password=${token}$`, 'm'))
  assert.equal((await shell.run(`git clone -q ${clone} twice`)).code, 0)
})
