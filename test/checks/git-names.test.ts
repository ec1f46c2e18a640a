import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openReader } from '../../src/board/forge/reader.ts'
import { check } from '../../src/checks/git.ts'
import { silentLog } from '../../src/lib/log.ts'
import { contextOf, lookAt } from '../helpers/look.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'

const odd = [
  '../lib',
  '..',
  '/abs',
  './here',
  ':(glob)x',
  ':(bad)x',
  ':!x',
  ':/',
  ':',
  '-x',
  '--help',
  '*',
  'a//b',
  'a/../b',
  'HEAD',
  `${'d/'.repeat(3000)}d`,
]

let repository: TestRepository
beforeEach(() => {
  repository = makeRepository()
})
afterEach(() => repository.remove())

function modules(paths: readonly string[]): string {
  return paths
    .map((path, n) => `[submodule "s${n}"]\n\tpath = "${path}"\n\turl = https://example.org/x\n`)
    .join('')
}

describe('names that a player wrote', () => {
  for (const path of odd)
    it(`in .gitmodules are simply not found: ${path.slice(0, 20)}`, async () => {
      repository.commit({ '.gitmodules': modules([path]), 'map.txt': 'north\n' })
      for (const spec of [{}, { files: ['map.txt'] }, { conflicts: true, files: ['map.txt'] }]) {
        const facts = await lookAt(repository, spec)
        assert.deepEqual(facts.submodules, { [path]: { url: 'https://example.org/x', sha: '' } })
        assert.ok('map.txt' in facts.files)
      }
    })

  it('in .gitmodules are found where they lead to a commit, glob or not', async () => {
    const submodule = '4'.repeat(40)
    repository.commit({
      '.gitmodules': modules(['*', 'libs/one']),
      '*': { submodule },
      libs: 'x',
      'libs/one': { submodule },
    })
    const facts = await lookAt(repository, { files: ['map.txt'] })
    assert.equal(facts.submodules['*']?.sha, submodule)
  })

  it('never reach a command line, wherever they stand', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shambhala-names-'))
    const [git, said] = [join(folder, 'git-watched'), join(folder, 'said')]
    writeFileSync(git, `#!/bin/sh\nprintf '%s\\n' "$@" >>'${said}'\nexec git "$@"\n`)
    chmodSync(git, 0o755)
    try {
      const evil = (name: string) => `evil-${name}`
      const files = Object.fromEntries(
        ['file', 'folder/file', '--option', ':(glob)magic', 'two\nlines'].map((name) => [
          name.replace(/[^/]+$/, (last) => `${last}-${evil('path')}`),
          '<<<<<<< evil\n',
        ]),
      )
      const all = {
        ...files,
        '.gitmodules': modules(odd.map((path) => `${path}${evil('module')}`)),
        '.gitignore': `${evil('rule')}\n`,
        '.gitattributes': `* ${evil('attribute')}\n`,
      }
      const first = repository.commit(all)
      const message = `${evil('subject')}\n\n${evil('body')}\n\nKey: ${evil('trailer')}\n`
      const options = { parents: [first], message, author: `${evil('author')} <evil@example.org>` }
      const head = repository.commit({ ...all, more: 'x' }, options)
      for (const ref of ['heads', 'tags', 'notes'])
        repository.git(['update-ref', `refs/${ref}/--${evil(ref)}`, head])
      repository.git(['tag', '-a', '-m', evil('tag'), evil('annotated'), head])
      repository.git(['notes', 'add', '-m', evil('note'), head])
      const spec = check.spec.parse({
        paths: true,
        conflicts: true,
        text: ['more'],
        history: ['x'],
        ignored: ['more'],
        attributes: ['more'],
        ancestors: { one: ['main~1', 'main'] },
      })
      const context = contextOf(repository)
      const reader = () => openReader(repository.dir, { log: silentLog, git })
      const { facts } = await check.look(spec, { ...context, board: { ...context.board, forge: { reader } } })
      assert.equal(facts.commits.length, 2)
      assert.ok((facts.conflicts?.length ?? 0) >= 5)
      const lines = readFileSync(said, 'utf8')
      for (const command of [
        'log',
        'for-each-ref',
        'cat-file',
        'rev-list',
        'check-ignore',
        'check-attr',
        'config',
      ])
        assert.match(lines, new RegExp(`^${command}$`, 'm'))
      assert.doesNotMatch(lines, /evil/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
