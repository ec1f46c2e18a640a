import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { extract } from 'tar-stream'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf } from '../../helpers/api.ts'
import { password, startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
const folder = mkdtempSync(join(tmpdir(), 'shambhala-export-test-'))
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(async () => {
  await hunt.close()
  rmSync(folder, { recursive: true, force: true })
})

async function entriesOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const entries = new Map<string, Buffer>()
  const unpack = extract()
  unpack.end(archive)
  for await (const entry of unpack) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    entries.set(entry.header.name, Buffer.concat(parts))
  }
  return entries
}

test('a player takes everything along: what the hunt holds, and repositories that git can clone', async () => {
  const player = await hunt.register('Leaving Soon')
  const ask = apiOf(hunt.url)
  const { token } = player
  await ask('POST', '/challenges/first/hints/1', { token })
  const made = await ask('POST', '/challenges/word/submissions', { token, body: { answer: 'my guess' } })
  await ask('GET', `/submissions/${made.body.id}?wait=30`, { token })

  const response = await fetch(`${hunt.url}/api/v1/me/export`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/x-tar')
  assert.equal(
    response.headers.get('content-disposition'),
    'attachment; filename="shambhala-leavingsoon.tar"',
  )
  const entries = await entriesOf(Buffer.from(await response.arrayBuffer()))
  assert.deepEqual([...entries.keys()], ['export.json', 'repositories/first.bundle'])

  const text = entries.get('export.json')?.toString('utf8') ?? ''
  const held = JSON.parse(text) as {
    player: { slug: string }
    member: { name: string }
    hints: { number: number }[]
    submissions: { id: string; answer: string; verdict: string; results: { findings: object[] }[] }[]
  }
  assert.equal(held.player.slug, 'leavingsoon')
  assert.equal(held.member.name, 'Leaving Soon')
  assert.equal(held.hints.length, 1)
  assert.equal(held.submissions[0]?.id, made.body.id)
  assert.equal(held.submissions[0].answer, 'my guess')
  assert.equal(held.submissions[0].results[0]?.findings.length, 1)
  for (const secret of [token, password, '$argon2']) assert.ok(!text.includes(secret))

  const bundle = join(folder, 'first.bundle')
  writeFileSync(bundle, entries.get('repositories/first.bundle') ?? '')
  execFileSync('git', ['clone', '--quiet', bundle, join(folder, 'first')])
  const files = execFileSync('git', ['-C', join(folder, 'first'), 'ls-files'], { encoding: 'utf8' })
  assert.match(files, /README\.md/)
})
