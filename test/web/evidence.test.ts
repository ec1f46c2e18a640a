import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { viewCommit } from '../../src/game/judging/evidence.ts'
import { Inconclusive } from '../../src/lib/errors.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { plantBomb, type BombName } from '../helpers/bombs.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { openJar } from '../helpers/jar.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'
import { openShell, type Ran, type Shell } from '../helpers/shell.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
const bombs = ['nested', 'empty'] satisfies BombName[]
let hunt: TestGame
let shell: Shell
let repository: TestRepository

before(async () => {
  hunt = await startGame({ challenges: small })
  shell = openShell()
  repository = makeRepository()
})
after(async () => {
  repository.remove()
  shell.remove()
  await hunt.close()
})

/** Pushes a bomb over a player's main. */
async function thrown(name: string, bomb: BombName, language: 'en' | 'fr' = 'en') {
  const player = await hunt.register(name, language)
  const sha = plantBomb(repository, bomb, { ref: `refs/heads/${player.slug}` })
  const push = (): Promise<Ran> =>
    shell.run(
      `git --git-dir ${repository.dir} push -f ${hunt.cloneUrl(player, 'first')} ${player.slug}:refs/heads/main`,
    )
  return { player, sha, push }
}

for (const [index, bomb] of bombs.entries())
  test(`who pushes a ${bomb} bomb reads at once what is wrong, in the terminal and on the commit’s page`, async () => {
    const french = index % 2 === 1
    const { sha, push } = await thrown(`Bomber ${bomb}`, bomb, french ? 'fr' : 'en')
    const { code, stderr, remote } = await push()
    assert.equal(code, 0, stderr)
    assert.match(
      remote.join(' '),
      french ? /plus de 5000 (fichiers|dossiers)/ : /more than 5000 (files|folders)/,
    )
    assert.doesNotMatch(remote.join(' '), /could not look|pas pu regarder/)
    const jar = await openJar(hunt.url, `Bomber ${bomb}`)
    const page = await jar.get(`/evidence/first/${sha}`)
    assert.equal(page.status, 200)
    assert.match(page.text, french ? /se déplie en plus de fichiers/ : /unfolds to more files and folders/)
    assert.equal((await jar.get(`/evidence/first/${sha}/file?path=${'d/'.repeat(500)}d`)).status, 404)
    for (const path of ['../x', './x', '/x', ':(glob)x', '..', ''])
      assert.equal(
        (await jar.get(`/evidence/first/${sha}/file?path=${encodeURIComponent(path)}`)).status,
        404,
      )
  })

test('six players who push bombs make an honest push wait for a moment only', async () => {
  const bombers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => thrown(`Six ${n}`, n % 2 === 0 ? 'nested' : 'empty')),
  )
  const honest = await hunt.register('Honest Pema')
  const clone = `git clone -q ${hunt.cloneUrl(honest, 'first')} honest`
  assert.equal((await shell.run(clone)).code, 0)
  const pushes = bombers.map(({ push }) => push())
  const { remote } = await shell.run(
    'cd honest && echo right > word.txt && git add -A && git commit -qm work && git push',
  )
  // Within its own push, whose wait is bounded.
  assert.match(remote.join(' '), /success: the word is written/)
  for (const { code } of await Promise.all(pushes)) assert.equal(code, 0)
})

test('a page of a commit is read no further once nobody waits for it', async () => {
  const player = await hunt.register('Quick Leaver')
  const left = { ...player, repository: 'first', sha: '1'.repeat(40), signal: AbortSignal.abort() }
  await assert.rejects(viewCommit(hunt.game, left), Inconclusive)
})
