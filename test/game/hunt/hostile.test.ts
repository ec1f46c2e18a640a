import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadChecks } from '../../../src/checks/index.ts'
import { openCopy } from '../../../src/cli/prove/open-copy.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import { Fault } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
const secret = 'words-of-nobody'

/** A copy of the small hunt beside a file that is nobody's, after a change. */
function folderAfter(context: TestContext, change: (folder: string, secretFile: string) => void): string {
  const top = mkdtempSync(join(tmpdir(), 'shambhala-hostile-'))
  context.after(() => rmSync(top, { recursive: true, force: true }))
  const folder = join(top, 'hunt')
  cpSync(small, folder, { recursive: true })
  writeFileSync(join(top, 'secret'), `${secret}: 1\nmore-${secret}: 2\n`)
  change(folder, join(top, 'secret'))
  return folder
}

async function lintAfter(context: TestContext, change: Parameters<typeof folderAfter>[1]): Promise<string> {
  const { hunt, faults } = await loadHunt(folderAfter(context, change), await loadChecks())
  assert.equal(hunt, null)
  return faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n')
}

const opened = [
  'hunt.yaml',
  '01-first/challenge.yaml',
  '01-first/story.en.md',
  '01-first/solution/solve.sh',
  '01-first/wrong/way/expect.yaml',
  '01-first/wrong/way/solve.sh',
  '01-first/starter/history.yaml',
  '01-first/starter/page.md.hbs',
  '01-first/images/images.yaml',
]

function put(folder: string, path: string): string {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  rmSync(file, { force: true })
  return file
}

for (const path of opened) {
  test(`${path} that is a link to a secret is refused, and nothing of the secret is said`, async (context) => {
    const said = await lintAfter(context, (folder, file) => symlinkSync(file, put(folder, path)))
    assert.match(said, /leads? out of|leaves/)
    assert.doesNotMatch(said, /words-of-nobody/)
  })

  test(`${path} that is a named pipe is refused at once`, async (context) => {
    const said = await lintAfter(context, (folder) => execFileSync('mkfifo', [put(folder, path)]))
    assert.match(said, /neither a file|no plain file/)
  })

  if (path.endsWith('page.md.hbs')) continue
  test(`${path} that is a folder is told as one`, async (context) => {
    const said = await lintAfter(context, (folder) => mkdirSync(put(folder, path)))
    assert.notEqual(said, '')
  })
}

test('a socket and a link to a device are refused', async (context) => {
  const server = createServer()
  context.after(() => server.close())
  const folder = folderAfter(context, (at) => symlinkSync('/dev/zero', put(at, '02-second/challenge.yaml')))
  await new Promise<void>((resolve) => {
    server.listen(join(folder, '01-first', 'door'), resolve)
  })
  const { faults } = await loadHunt(folder, await loadChecks())
  const said = faults.map(({ message }) => message).join('\n')
  assert.match(said, /neither a file, a folder nor a link/)
  assert.match(said, /leads out of/)
})

test('a link to another file of the hunt is read', async (context) => {
  const folder = folderAfter(context, (at) => {
    cpSync(join(at, '01-first/story.en.md'), join(at, '01-first/both.md'))
    symlinkSync('both.md', put(at, '01-first/story.en.md'))
  })
  assert.deepEqual((await loadHunt(folder, await loadChecks())).faults, [])
})

test('whoever proves a hunt writes into nothing that a link of it leads to, and copies no more than the hunt', async (context) => {
  const yaml = 'id: mine\nafter: [other]\nstart: 2020-01-01T00:00:00Z\n'
  for (const path of ['hunt.yaml', '01-first/challenge.yaml']) {
    let target = ''
    const folder = folderAfter(context, (at, file) => {
      target = file
      writeFileSync(file, yaml)
      symlinkSync(file, put(at, path))
    })
    await assert.rejects(openCopy(folder, join(folder, '..', 'copy')), Fault)
    assert.equal(readFileSync(target, 'utf8'), yaml)
  }
  const folder = folderAfter(context, (at) => {
    mkdirSync(join(at, '.git'))
    cpSync(join(at, '01-first/challenge.yaml'), join(at, 'shared.yaml'))
    symlinkSync('../shared.yaml', put(at, '01-first/challenge.yaml'))
  })
  const copy = join(folder, '..', 'copy')
  await openCopy(folder, copy)
  assert.equal(existsSync(join(copy, '.git')), false)
  assert.deepEqual((await loadHunt(copy, await loadChecks())).faults, [])
})

test('a named pipe holds up no proof', async (context) => {
  const folder = folderAfter(context, (at) => execFileSync('mkfifo', [put(at, '01-first/challenge.yaml')]))
  await assert.rejects(openCopy(folder, join(folder, '..', 'copy')), /neither a file/)
})

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('')
const yaml = '01-first/challenge.yaml'
const story = '01-first/story.en.md'
const history = '01-first/starter/history.yaml.hbs'
const commit = 'date: 2021-01-01T00:00:00Z, message: m'
const much: Record<string, [path: string, text: string]> = {
  '10 MB of keys': [yaml, many(700_000, (index) => `key${index}: x\n`)],
  'a megabyte of keys': [yaml, many(100_000, (index) => `k${index}: x\n`)],
  'keys in one line': [yaml, `{${many(100_000, (index) => `k${index},`)}}`],
  'one key of a megabyte': [yaml, `${'k'.repeat(1_000_000)}: x\n`],
  '10 000 lists in each other': [yaml, `checks: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
  '10 000 lists in each other, line by line': [yaml, `checks:\n  ${'- '.repeat(10_000)}x\n`],
  '1 000 maps in each other': [yaml, many(1000, (index) => `${' '.repeat(index)}a:\n`)],
  '10 000 blocks in each other': [story, `${'{{#if params.a}}'.repeat(10_000)}x${'{{/if}}'.repeat(10_000)}`],
  '10 000 blocks after each other': [story, '{{#if params.a}}{{/if}}'.repeat(10_000)],
  '10 000 turns of one block': [story, `{{#if params.a}}${'{{else if params.b}}x'.repeat(10_000)}{{/if}}`],
  'a story of ten megabytes': [story, 'word '.repeat(2_000_000)],
  'a million commits': [history, `commits:\n${many(1_000_000, (index) => `- {id: c${index}, ${commit}}\n`)}`],
  'a million commits of a template': [
    history,
    `commits:\n{{#times 1000 as |i|}}{{#times 1000 as |j|}}- {id: c{{i}}x{{j}}, ${commit}}\n{{/times}}{{/times}}branches: {main: c1x1}\n`,
  ],
  '40 000 tags': [
    history,
    `commits: [{id: a, ${commit}}]\nbranches: {main: a}\ntags:\n${many(40_000, (i) => `- {name: t${i}, at: a}\n`)}`,
  ],
  'blocks of a template in each other': [history, `${'{{#if a}}'.repeat(10_000)}${'{{/if}}'.repeat(10_000)}`],
  'helpers of a template in each other': [history, `{{${'(add '.repeat(10_000)}1 1${')'.repeat(10_000)}}}`],
  'loops of a template without a word': [
    history,
    '{{#times 5000}}{{#times 5000}}{{#times 5000}}{{/times}}{{/times}}{{/times}}',
  ],
  'a partial that calls itself twice': [history, '{{#*inline "a"}}{{> a}}{{> a}}{{/inline}}{{> a}}'],
  'partials that call each other twice': [
    history,
    `{{#*inline "p0"}}x{{/inline}}${many(30, (i) => `{{#*inline "p${i + 1}"}}{{> p${i}}}{{> p${i}}}{{/inline}}`)}{{> p30}}`,
  ],
}

for (const [what, [path, text]] of Object.entries(much)) {
  // A deadline, not a measure: without bounds these take minutes, or the memory of the machine.
  test(`${what}: lint says so, and soon`, { timeout: 60_000 }, async (context) => {
    const said = await lintAfter(context, (folder) => writeFileSync(put(folder, path), text))
    assert.ok(said.length < 100_000, 'more than anybody reads')
    assert.match(said, new RegExp(path.replaceAll('.', '\\.')))
  })
}

test('more challenges than a hunt has are told, and not read', { timeout: 60_000 }, async (context) => {
  const said = await lintAfter(context, (folder) => {
    for (let index = 0; index < 900; index += 1)
      mkdirSync(join(folder, `${String(index).padStart(3, '0')}-more`))
  })
  assert.match(said, /200 challenges at most/)
})

test(
  'more files than a starter has are told, and so are folders without end',
  { timeout: 60_000 },
  async (context) => {
    const files = await lintAfter(context, (folder) => {
      mkdirSync(join(folder, '01-first/starter/many'), { recursive: true })
      for (let index = 0; index <= 10_000; index += 1)
        writeFileSync(join(folder, '01-first/starter/many', `f${index}`), '')
    })
    assert.match(files, /more than 10000/)
    const deep = await lintAfter(context, (folder) =>
      mkdirSync(join(folder, '01-first/starter', ...Array.from({ length: 60 }, () => 'd')), {
        recursive: true,
      }),
    )
    assert.match(deep, /deep in each other/)
  },
)

const names = [
  'git~1',
  'GIT~1',
  '.Git',
  '.git.',
  '.git ',
  '.git . .',
  '.git::$INDEX_ALLOCATION',
  'git~1:stream',
  '.git\\config',
  'a\\.git',
  '.g\u200cit',
  '\u202a.GIT',
  '.git\ufeff',
]

for (const name of names) {
  test(`${JSON.stringify(name)} is no path of a starter, as a folder, a template or in a history`, async (context) => {
    const told = /Git takes no file with this name|a path from the root/
    const said = async (change: (starter: string) => void) =>
      await lintAfter(context, (folder) => {
        rmSync(join(folder, '01-first/starter'), { recursive: true, force: true })
        mkdirSync(join(folder, '01-first/starter'))
        change(join(folder, '01-first/starter'))
      })
    const inFolder = await said((starter) => {
      mkdirSync(join(starter, name))
      writeFileSync(join(starter, name, 'config'), '')
    })
    assert.match(inFolder, told)
    assert.match(await said((starter) => writeFileSync(join(starter, `${name}.hbs`), '')), told)
    const written = `commits: [{id: a, ${commit}, write: {${JSON.stringify(`x/${name}/config`)}: x}}]\nbranches: {main: a}\n`
    assert.match(await said((starter) => writeFileSync(join(starter, 'history.yaml'), written)), told)
  })
}

test('names that only look like it, and a plain .gitmodules, are paths of a starter; a link of that name is none', async (context) => {
  const fill = (at: string) => {
    for (const name of ['.gitignore', '.gitmodules', 'git~10', '.github', 'git', '.git-blame-ignore-revs'])
      writeFileSync(put(at, `01-first/starter/${name}`), '')
  }
  const folder = folderAfter(context, fill)
  assert.deepEqual((await loadHunt(folder, await loadChecks())).faults, [])
  for (const name of ['.gitmodules', 'GITMOD~1', '.gitmodules.', '.gitm\u200dodules']) {
    const said = await lintAfter(context, (at) =>
      symlinkSync('README.md', put(at, `01-first/starter/${name}`)),
    )
    assert.match(said, /Git takes no link with this name/)
  }
})
