import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { StarterFault } from '../../../src/game/starters/files.ts'
import { endingsAtRisk } from '../../../src/game/starters/line-ends.ts'
import { buildStarter } from '../../../src/game/starters/starter.ts'

const values = {
  params: { word: 'amber', n: 3 },
  player: { slug: 'tara', name: 'Tara' },
  hunt: { images: 'registry.example.org/hunt/' },
  registry: { host: 'registry.example.org', path: 'registry.example.org/tara' },
}

function folderWith(context: TestContext, files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'shambhala-starter-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'starter'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'starter', path)), { recursive: true })
    writeFileSync(join(folder, 'starter', path), content)
  }
  return folder
}

const history = (lines: string) => `commits:
  - { id: a, date: 2021-01-01T00:00:00Z, message: one, write: { x.txt: "1" } }
  - { id: b, parents: [a], date: 2021-01-02T00:00:00Z, message: two }
${lines}`

/** What is said of a history that cannot be used. */
async function refused(context: TestContext, lines: string): Promise<string> {
  const folder = folderWith(context, { 'history.yaml': history(lines) })
  const error: unknown = await buildStarter(folder, values).catch((failure: unknown) => failure)
  assert.ok(error instanceof StarterFault, `it was taken: ${lines}`)
  return error.message
}

test('only files that end in .hbs are rendered; bytes, the right to run, and links stay as they are', async (context) => {
  const folder = folderWith(context, {
    'README.md.hbs': 'Hello {{player.name}}, {{params.word}}\n',
    'pod.yaml.hbs': 'image: {{hunt.images}}bell:1\n',
    'plain.md': '{{params.word}}\n',
    'image.bin': Buffer.from([0, 255, 13, 10, 123, 123]),
    'bin/run.sh': '#!/bin/sh\n',
  })
  chmodSync(join(folder, 'starter/bin/run.sh'), 0o755)
  symlinkSync('../plain.md', join(folder, 'starter/bin/link'))
  const files = (await buildStarter(folder, values))?.commits[0]?.files ?? []
  const told = files.map(({ path, mode, content }) => [path, mode, content.toString('latin1')])
  assert.deepEqual(told, [
    ['.gitattributes', '100644', '* text=auto eol=lf\n'],
    ['README.md', '100644', 'Hello Tara, amber\n'],
    ['bin/link', '120000', '../plain.md'],
    ['bin/run.sh', '100755', '#!/bin/sh\n'],
    ['image.bin', '100644', '\u0000\u00ff\r\n{{'],
    ['plain.md', '100644', '{{params.word}}\n'],
    ['pod.yaml', '100644', 'image: registry.example.org/hunt/bell:1\n'],
  ])
})

test('the same values give the same history, others give another', async (context) => {
  const folder = folderWith(context, {
    'history.yaml.hbs': `commits:
{{#times 40 as |i|}}
  - { id: c{{i}}, {{#if i}}parents: [c{{sub i 1}}],{{/if}} date: {{date "2021-03-27T23:30:00+01:00" hours=i seconds=5}}, message: "{{pick "a b c" i}} {{hash params.word}}", write: { n.txt: "{{i}}" } }
{{/times}}
branches: { main: c39 }
`,
  })
  const first = await buildStarter(folder, values)
  assert.deepEqual(await buildStarter(folder, values), first)
  const other = await buildStarter(folder, { ...values, params: { word: 'birch' } })
  assert.notDeepEqual(other, first)
  assert.equal(first?.commits.length, 40)
  // The clocks of Paris change in between; the offset stays the one that was written.
  assert.equal(first.commits[4]?.date, '2021-03-28T03:30:05+01:00')
})

test('a commit has its first parent’s files, what it lays over them, and not what it removes', async (context) => {
  const folder = folderWith(context, {
    'more/y.txt': 'y',
    'history.yaml': history(
      '  - { id: c, parents: [b], date: 2021-01-03T00:00:00Z, message: m, add: more, remove: [x.txt] }\n' +
        '  - { id: d, parents: [c, a], date: 2021-01-03T00:00:00Z, message: m, files: more, write: { z.txt: z } }\n' +
        'branches: { main: d }\n',
    ),
  })
  const commits = (await buildStarter(folder, values))?.commits ?? []
  assert.deepEqual(
    commits.map((commit) => commit.files.map((file) => file.path).join()),
    ['x.txt', 'x.txt', 'y.txt', 'y.txt,z.txt'].map((paths) => `.gitattributes,${paths}`),
  )
})

test('every slip in a history is told at once, with its line', async (context) => {
  const said = await refused(
    context,
    'branches: { main: nowhere, "a..b": b }\nhead: master\ntags: [{ name: v1, at: z }, { name: "--upload-pack=x", at: a }]\n',
  )
  assert.match(said, /history\.yaml:4: branches\.a\.\.b: a name that Git takes/)
  assert.match(said, /history\.yaml:6: .*a name that Git takes/)
})

test('commits, branches and notes that name nothing are told', async (context) => {
  const said = await refused(
    context,
    '  - { id: a, date: 2021-01-03T00:00:00Z, message: m }\nbranches: { side: nowhere }\nnotes: [{ at: z, message: m }]\n',
  )
  assert.match(said, /history\.yaml:4: .*two commits have the id "a"/)
  assert.match(said, /history\.yaml:5: .*"nowhere" is named before it is described/)
  assert.match(said, /history\.yaml:6: .*"z" is named before it is described/)
  assert.match(said, /HEAD names the branch main, which is not there; there are: side/)
})

test('paths that Git refuses, and files that are not there to be removed, are told', async (context) => {
  const commit = (what: string) =>
    `  - { id: c, parents: [b], date: 2021-01-03T00:00:00Z, message: m, ${what} }\nbranches: { main: c }\n`
  for (const path of ['../x', '/x', '.git/hooks/x', 'a/.GIT/x', 'a//b'])
    assert.match(await refused(context, commit(`write: { "${path}": x }`)), /path from the root/, path)
  assert.match(await refused(context, commit('remove: [nothing.txt]')), /removes nothing\.txt, which is not/)
  assert.match(await refused(context, commit('add: nothing')), /there is no folder nothing/)
  assert.match(await refused(context, commit('add: ../..')), /there is no folder/)
})

test('no file from elsewhere on the machine comes in, by whichever link', async (context) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'shambhala-elsewhere-'))
  context.after(() => rmSync(elsewhere, { recursive: true, force: true }))
  writeFileSync(join(elsewhere, 'secret.txt'), 'secret')
  writeFileSync(join(elsewhere, 'history.yaml'), history('branches: { main: b }\n'))
  const linked = (make: (starter: string) => void) => {
    const folder = folderWith(context, {})
    make(join(folder, 'starter'))
    return buildStarter(folder, values)
  }
  const ways: ((starter: string) => void)[] = [
    (starter) => symlinkSync(join(elsewhere, 'secret.txt'), join(starter, 'x')),
    (starter) => symlinkSync('../../x', join(starter, 'x')),
    (starter) => symlinkSync(join(elsewhere, 'history.yaml'), join(starter, 'history.yaml')),
    (starter) => {
      rmSync(starter, { recursive: true })
      symlinkSync(elsewhere, starter)
    },
    (starter) => {
      symlinkSync(elsewhere, join(starter, 'sub'))
      writeFileSync(
        join(starter, 'history.yaml'),
        history('  - { id: c, date: 2021-01-03T00:00:00Z, message: m, files: sub }\nbranches: { main: c }\n'),
      )
    },
  ]
  for (const way of ways) await assert.rejects(linked(way), StarterFault, way.toString())
})

test('a template with an unknown value or a wrong date says in which file, and endless ones end', async (context) => {
  const rendering = (template: string) => buildStarter(folderWith(context, { 'a.md.hbs': template }), values)
  await assert.rejects(rendering('one\n{{params.nothing}}'), /a\.md\.hbs:2: .*nothing/)
  await assert.rejects(rendering('{{date "soon" days=1}}'), /a time with its offset/)
  await assert.rejects(rendering('{{date "2021-01-01T00:00:00Z" weeks=1}}'), /minutes, seconds, not weeks/)
  await assert.rejects(rendering('{{#times 5000}}{{#times 5000}}some words{{/times}}{{/times}}'), /more than/)
})

test('a history of 5 000 commits is built, and one more is refused', async (context) => {
  const long = (count: number) =>
    folderWith(context, {
      'history.yaml.hbs': `commits:\n{{#times 4999 as |i|}}\n  - { id: c{{i}}, date: 2021-01-01T00:00:00Z, message: m }\n{{/times}}\n${'  - { id: last, date: 2021-01-01T00:00:00Z, message: m }\n'.repeat(count)}branches: { main: last }\n`,
    })
  assert.equal((await buildStarter(long(1), values))?.commits.length, 5000)
  await assert.rejects(buildStarter(long(2), values), /5000/)
})

test('a player whose name means something in YAML gets a starter all the same', async (context) => {
  const name = 'Tara: "x" {#1} & *'
  const described = (said: string) =>
    `commits: [{ id: a, date: 2021-01-01T00:00:00Z, message: ${said} }]\nbranches: { main: a }\n`
  const build = (said: string) =>
    buildStarter(folderWith(context, { 'history.yaml.hbs': described(said) }), {
      ...values,
      player: { slug: 'tara', name },
    })
  assert.equal((await build('{{json player.name}}'))?.commits[0]?.message, `${name}\n`)
  await assert.rejects(build('{{player.name}}'), StarterFault)
})

test('a starter that says nothing of line ends is cloned with LF in every commit, one that does is left alone', async (context) => {
  const silent = folderWith(context, { 'history.yaml': history('branches: { main: b }') })
  for (const { files } of (await buildStarter(silent, values))?.commits ?? []) {
    const said = files.find(({ path }) => path === '.gitattributes')
    assert.equal(said?.content.toString(), '* text=auto eol=lf\n')
  }
  const own = folderWith(context, { '.gitattributes': '*.bat text eol=crlf\n', 'run.sh': '#!/bin/sh\n' })
  const files = (await buildStarter(own, values))?.commits[0]?.files ?? []
  assert.deepEqual(
    files.map(({ path }) => path),
    ['.gitattributes', 'run.sh'],
  )
})

test('what would come with the line ends of Windows and then not run is known, in the words of Git itself', async (context) => {
  const riskOf = async (files: Record<string, string>) => {
    const built = await buildStarter(folderWith(context, files), values)
    return built && (await endingsAtRisk(built))
  }
  const handedOut = {
    Dockerfile: 'FROM scratch\n',
    'bin/ring': '#!/bin/sh\n',
    'run.sh': 'echo\n',
    'notes.txt': 'A note\n',
  }
  assert.deepEqual(await riskOf(handedOut), [])
  assert.deepEqual(await riskOf({ ...handedOut, '.gitattributes': '*.sh text eol=lf\n' }), [
    'Dockerfile',
    'bin/ring',
  ])
  const nested = { '.gitattributes': '* text=auto\nrun.sh -text\n', 'bin/.gitattributes': 'ring eol=lf\n' }
  assert.deepEqual(await riskOf({ ...handedOut, ...nested }), ['Dockerfile'])
  assert.deepEqual(await riskOf({ 'run.sh': '#!/bin/sh\r\n' }), ['run.sh'])
})
