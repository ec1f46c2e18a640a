import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadChecks } from '../../src/checks/index.ts'
import { lint } from '../../src/cli/lint.ts'
import { packageRoot } from '../../src/lib/root.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

/** Lints a copy of the small hunt after a change; gives the lines and the exit code. */
async function lintAfter(
  context: TestContext,
  change: (folder: string, edit: (file: string, from: string | RegExp, to: string) => void) => void,
) {
  const folder = mkdtempSync(join(tmpdir(), 'shambhala-lint-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(small, folder, { recursive: true })
  change(folder, (file, from, to) => {
    const text = readFileSync(join(folder, file), 'utf8')
    assert.notEqual(text.replace(from, to), text, `${file} was not changed`)
    writeFileSync(join(folder, file), text.replace(from, to))
  })
  let said = ''
  const code = await lint({
    folder,
    kinds: await loadChecks(),
    format: 'text',
    write: (text) => (said += text),
  })
  return { code, said }
}

const first = '01-first/challenge.yaml'

test('the hunt that ships has nothing to mend and no warning', async () => {
  let said = ''
  const folder = join(packageRoot(), 'challenges')
  const code = await lint({
    folder,
    kinds: await loadChecks(),
    format: 'text',
    write: (text) => (said += text),
  })
  assert.equal(said, '5 challenges: 0 to mend, 0 warnings\n')
  assert.equal(code, 0)
})

test('a misspelt fact is told at its file and line, with what there is', async (context) => {
  const { code, said } = await lintAfter(context, (_, edit) =>
    edit(first, 'size(git.commits) > 1', 'size(git.comits) > 1'),
  )
  assert.equal(code, 1)
  assert.match(said, /01-first\/challenge\.yaml:\d+:\d+: .*comits.*there are: git, params, player/)
})

test('all faults are told at once', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => {
    edit(first, 'points: 100', 'points: none')
    edit('02-second/challenge.yaml', 'after: [first]', 'after: [frist]')
    edit('03-word/challenge.yaml', 'answer:', 'anwser:')
  })
  assert.match(said, /01-first.*points/)
  assert.match(said, /there is no check kind "anwser"; there are: answer, git/)
  assert.match(said, /there is no challenge frist/)
})

test('stages that wait for each other are told', async (context) => {
  const { said } = await lintAfter(context, (_, edit) =>
    edit(first, 'points: 100', 'points: 100\nafter: [second]'),
  )
  assert.match(said, /this can never open: first after second after first/)
})

test('a missing language, a story that is not there, a parameter that is not', async (context) => {
  const { said } = await lintAfter(context, (folder, edit) => {
    edit(first, ', fr: Il n’y a pas de word.txt.', '')
    rmSync(join(folder, '02-second', 'story.fr.md'))
    edit('02-second/challenge.yaml', '{{params.size}}', '{{params.length}}')
  })
  assert.match(said, /01-first.*the text in fr is missing/)
  assert.match(said, /story\.fr\.md:1:1: this story is missing/)
  assert.match(said, /there is no parameter length; there are: word, size/)
})

test('prices where anybody may register twice are a warning', async (context) => {
  const { code, said } = await lintAfter(context, () => undefined)
  assert.equal(code, 0)
  assert.match(said, /warning: hints with a price, and registration open without a code/)
})

test('a starter that cannot be built is told before the first player meets it', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    writeFileSync(
      join(folder, '01-first', 'starter', 'history.yaml'),
      'commits: [{ id: a, parents: [nowhere], date: 2021-01-01T00:00:00Z, message: x }]\nbranches: { main: a }\n',
    )
  })
  assert.equal(code, 1)
  assert.match(said, /starter.*"nowhere" is named before it is described/)
})

test('a starter cannot bring files from elsewhere on the machine', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    symlinkSync('/etc/hostname', join(folder, '01-first', 'starter', 'host.txt'))
  })
  assert.equal(code, 1)
  assert.match(said, /leaves the starter/)
})

test('YAML that swells is refused', async (context) => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ]
  const { code } = await lintAfter(context, (folder) => writeFileSync(join(folder, first), bomb.join('\n')))
  assert.equal(code, 1)
})
