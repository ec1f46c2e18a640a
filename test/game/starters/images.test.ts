import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadChecks } from '../../../src/checks/index.ts'
import { lint } from '../../../src/cli/lint.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import { buildImages } from '../../../src/game/starters/images.ts'
import { packageRoot } from '../../../src/lib/root.ts'

const hunt = join(packageRoot(), 'test', 'fixtures', 'hunt-images')
const chest = '01-chest/images/images.yaml.hbs'
const door = '02-cell/images/images.yaml'

const valuesOf = (name: string) => ({
  params: { key: 'abc123abc123', word: 'amber' },
  player: { slug: 'tara', name },
  hunt: { images: 'registry.example.org/hunt/' },
  registry: { host: 'registry.example.org', path: 'registry.example.org/tara' },
})

test('the same values give the same layers, others others, whatever a name holds', async () => {
  const build = async (name: string) =>
    (await buildImages(join(hunt, '01-chest'), valuesOf(name))).map(({ layers }) =>
      layers.map(({ blob }) => blob?.digest),
    )
  const first = await build('- {x: "1"} # & *')
  assert.deepEqual(await build('- {x: "1"} # & *'), first)
  const other = await build('null')
  assert.notEqual(other[0]?.[0], first[0]?.[0])
  assert.deepEqual(other[0]?.slice(1), first[0]?.slice(1))
})

/** Lints a copy of the hunt after a change; what is to be mended. */
async function faultsAfter(
  context: TestContext,
  change: (tools: {
    folder: string
    edit: (file: string, from: string | RegExp, to: string) => void
    write: (file: string, content: string | Buffer) => void
  }) => void,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'shambhala-images-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(hunt, folder, { recursive: true })
  change({
    folder,
    edit(file, from, to) {
      const text = readFileSync(join(folder, file), 'utf8')
      assert.notEqual(text.replace(from, to), text, `${file} was not changed`)
      writeFileSync(join(folder, file), text.replace(from, to))
    },
    write(file, content) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), content)
    },
  })
  let said = ''
  await lint({ folder, kinds: await loadChecks(), format: 'text', write: (text) => (said += text) })
  return said
    .split('\n')
    .filter((line) => !line.includes(': warning: '))
    .join('\n')
}

test('a hunt whose images can be built has nothing to mend', async (context) => {
  assert.match(await faultsAfter(context, () => undefined), /^3 challenges: 0 to mend/)
})

test('a stage that hands out images needs a registry, whatever its checks look at', async () => {
  const loaded = await loadHunt(hunt, await loadChecks())
  const needs = loaded.hunt?.challenges.map((challenge) => [challenge.id, challenge.needs, challenge.images])
  assert.deepEqual(needs, [
    ['chest', ['registry'], ['chest:1.0']],
    ['cell', ['registry'], ['cell/door:latest']],
    ['rope', ['forge'], null],
  ])
})

const faulty: [what: string, file: string, from: string | RegExp, to: string, said: RegExp][] = [
  [
    'an unknown field',
    door,
    'tag: latest',
    'tagg: latest',
    /images\.yaml:3:11: .*there is no key tagg here \(did you mean tag\?\)/,
  ],
  ['a number for a tag', door, 'tag: latest', 'tag: 1.0', /images\.yaml:3:10: images\.0\.tag: /],
  ['a name that is no image’s', door, 'cell/door', 'Cell', /images\.yaml:2:17: .*a name in lower case/],
  ['a base from elsewhere', chest, 'hunt/hearth:1.0', 'busybox:1', /:4:11: .*an image of the hunt, such as/],
]

for (const [what, file, from, to, said] of faulty)
  test(`${what} is told at its line`, async (context) => {
    assert.match(await faultsAfter(context, ({ edit }) => edit(file, from, to)), said)
  })

for (const path of ['../word', '/word', 'a/../word', 'a//word', '.wh.word'])
  test(`the path ${path} is told at its line`, async (context) => {
    const said = await faultsAfter(context, ({ edit }) => edit(door, '{ word: ', `{ ${path}: `))
    assert.match(said, /images\.yaml:6:\d\d: .*a path below \/ without a slash before it/)
  })

test('a removed path that no layer below has, or that is written too, is told at its line', async (context) => {
  const remove = (path: string) => (tools: { edit: (file: string, from: string, to: string) => void }) =>
    tools.edit(door, 'write: { word', `remove: [${path}]\n        write: { word`)
  assert.match(await faultsAfter(context, remove('other')), /images\.yaml:6:18: no layer below has other/)
  assert.match(
    await faultsAfter(context, remove('word')),
    /images\.yaml:6:18: .*word is written and removed in one layer/,
  )
})

test('a file in a file, and the right to run what is not there, are told at their line', async (context) => {
  const inside = await faultsAfter(context, ({ edit }) => edit(door, '{ word: ', '{ word/more: x, word: '))
  assert.match(inside, /images\.yaml:6:9: word\/more lies in word, which is a file in this layer/)
  const missing = await faultsAfter(context, ({ edit }) => edit(chest, '[etc/key]', '[etc/other]'))
  assert.match(missing, /images\.yaml\.hbs:11:22: etc\/other is no file of this layer/)
})

test('a folder that is not there, and a link that leads elsewhere, are told', async (context) => {
  const missing = await faultsAfter(context, ({ edit }) => edit(chest, 'add: files', 'add: ../../03-rope'))
  assert.match(missing, /03-rope:1:1: there is no folder \.\.\/\.\.\/03-rope in the starter/)
  const link = await faultsAfter(context, ({ folder }) =>
    symlinkSync('/etc/passwd', join(folder, '01-chest/images/files/passwd')),
  )
  assert.match(link, /passwd:1:1: this link leaves the starter's folder/)
})

test('files that are too large together are told', async (context) => {
  const said = await faultsAfter(context, ({ write }) =>
    write('01-chest/images/files/large', Buffer.alloc(17 * 2 ** 20)),
  )
  assert.match(said, /images\.yaml\.hbs:6:9: all files together are larger than 16777216 bytes/)
})

test('two images of one name are told, in one stage and in two', async (context) => {
  const twice = await faultsAfter(context, ({ edit }) =>
    edit(door, /$/, '  - { repository: cell/door, tag: latest, layers: [{ createdBy: ENV }] }\n'),
  )
  assert.match(twice, /images\.yaml:7:19: .*two images have the name cell\/door:latest/)
  const both = await faultsAfter(context, ({ edit }) => {
    edit(door, 'cell/door', 'chest')
    edit(door, 'latest', "'1.0'")
  })
  assert.match(both, /02-cell\/images\/images\.yaml:2:17: chest hands out an image chest:1\.0 already/)
})

test('a name that is another for each player is told, since pages name it', async (context) => {
  const said = await faultsAfter(context, ({ edit }) =>
    edit(chest, 'repository: chest', 'repository: chest{{params.key}}'),
  )
  assert.match(said, /images\.yaml\.hbs:2:17: the name chest[0-9a-f]{12}:1\.0 is another for each player/)
})

test('a player’s name without json, and a folder without a description, are told', async (context) => {
  const bare = await faultsAfter(context, ({ edit }) =>
    edit(chest, '{{json player.name}}', '{{player.name}}'),
  )
  assert.match(bare, /images\.yaml\.hbs:9:/)
  const empty = await faultsAfter(context, ({ folder, write }) => {
    rmSync(join(folder, door))
    write('02-cell/images/note.txt', 'x')
  })
  assert.match(empty, /02-cell\/images:1:1: this folder needs an images\.yaml/)
})
