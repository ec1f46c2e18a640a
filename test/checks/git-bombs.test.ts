import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { check } from '../../src/checks/git.ts'
import { PlayerFault } from '../../src/lib/errors.ts'
import { bombNames, plantBomb, type BombName } from '../helpers/bombs.ts'
import { contextOf } from '../helpers/look.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'

/** Every way in which a stage may have a repository looked at. */
const looks: Record<string, Record<string, unknown>> = {
  'as a whole': {},
  'with the paths of its commits': { paths: true, files: [] },
  'with its conflicts': { conflicts: true },
  'by one file': { files: ['d0/d1/none'] },
  'by one folder': { files: ['d0'] },
  'by its rules': { files: [], ignored: ['d0/d1/d2/x'], attributes: ['d0/d1/d2/x'] },
  'through its history': { files: [], history: ['never'] },
  'by who descends from whom': { files: [], ancestors: { self: ['main', 'main'] } },
}

/** Facts, or what the player is told; anything of ours, a deadline too, fails the test. */
async function seen(repository: TestRepository, spec: Record<string, unknown>): Promise<PlayerFault | null> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), 30_000)
  try {
    await check.look(check.spec.parse(spec), contextOf(repository, { signal: controller.signal }))
    return null
  } catch (error) {
    if (error instanceof PlayerFault) return error
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function assertPlain(fault: PlayerFault | null): void {
  assert.ok(fault, 'the look found nothing to say')
  assert.match(fault.message, /(files|folders|history|deep|looked at|memory)/)
  assert.match(fault.french ?? '', /(fichiers|dossiers|historique|niveaux|regard|mémoire)/)
}

for (const name of bombNames) {
  describe(`a commit that is a ${name} bomb is looked at`, () => {
    let repository: TestRepository
    before(() => {
      repository = makeRepository()
      plantBomb(repository, name)
    })
    after(() => repository.remove())

    for (const [way, spec] of Object.entries(looks))
      it(`${way}: to its end, and what is too much is told to the player`, async () => {
        const fault = await seen(repository, spec)
        if (way === 'as a whole' || (way === 'by one folder' && name !== 'wide' && name !== 'deep'))
          assertPlain(fault)
        else if (fault) assertPlain(fault)
      })
  })
}

describe('a bomb that lies beside what is asked for', () => {
  const around = async (work: (repository: TestRepository) => Promise<void>) => {
    const repository = makeRepository()
    try {
      await work(repository)
    } finally {
      repository.remove()
    }
  }

  it('is told when it was thrown and taken back, only where changed paths are asked for', async () => {
    for (const name of ['nested', 'empty'] satisfies BombName[])
      await around(async (repository) => {
        const first = repository.commit({ 'map.txt': 'north\n' })
        const bomb = plantBomb(repository, name, { parents: [first] })
        repository.commit({ 'map.txt': 'south\n' }, { parents: [bomb] })
        assert.equal(await seen(repository, {}), null)
        assertPlain(await seen(repository, { paths: true }))
      })
  })

  it('in the notes is told as too much, and notes that are no commit are none', async () => {
    await around(async (repository) => {
      const head = repository.commit({ 'map.txt': 'north\n' })
      plantBomb(repository, 'nested', { ref: 'refs/notes/commits' })
      assertPlain(await seen(repository, {}))
      repository.git(['update-ref', 'refs/notes/commits', repository.git(['rev-parse', `${head}:map.txt`])])
      assert.equal(await seen(repository, {}), null)
    })
  })

  it('named by .gitmodules is told as too much', async () => {
    await around(async (repository) => {
      plantBomb(repository, 'nested', { ref: 'refs/heads/bomb' })
      const tree = repository.git(['rev-parse', 'bomb^{tree}'])
      const modules = repository.git(
        ['hash-object', '-w', '--stdin'],
        '[submodule "x"]\n\tpath = d\n\turl = ../x\n',
      )
      const root = repository.git(
        ['mktree', '-z'],
        `100644 blob ${modules}\t.gitmodules\x00040000 tree ${tree}\td\0`,
      )
      repository.git(['update-ref', 'refs/heads/main', repository.git(['commit-tree', root, '-m', 'x'])])
      assertPlain(await seen(repository, { files: ['map.txt'] }))
    })
  })

  it('of rules that never end is given up within its seconds', async () => {
    await around(async (repository) => {
      const stars = `${'**/*a'.repeat(30)}b\n`
      const path = `${'a/'.repeat(400)}a`
      repository.commit({ '.gitignore': stars, 'map.txt': 'x' })
      const fault = await seen(repository, { ignored: [path] })
      if (fault) assertPlain(fault)
    })
  })
})
