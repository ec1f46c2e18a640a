import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { packageRoot } from '../src/lib/root.ts'
import { nodesOf } from './helpers/programs/sources.ts'
import { circlesIn, readSources, textOf, type Import } from './helpers/sources.ts'

const src = join(packageRoot(), 'src')
const sources = readSources(src)

/** What each part of the house may see of the others; `board/*` and `dispatch` by their contracts, `config` by its types. */
const sees: Record<string, readonly string[]> = {
  main: ['compose', 'web', 'cli', 'game', 'checks', 'board', 'dispatch', 'db', 'core', 'lib', 'config'],
  compose: ['web', 'game', 'checks', 'board', 'dispatch', 'db', 'core', 'lib', 'config'],
  cli: ['game', 'checks', 'db', 'core', 'lib', 'config', 'contracts'],
  web: ['game', 'checks', 'db', 'core', 'lib', 'config types', 'contracts'],
  game: ['checks', 'db', 'core', 'lib', 'config types', 'contracts'],
  checks: ['core', 'lib', 'contracts'],
  board: ['core', 'lib'],
  dispatch: ['core', 'lib'],
  db: ['core', 'lib'],
  config: ['core', 'lib'],
  core: ['lib'],
  lib: [],
}

/**
 * What each room of the game may see of the others, beside files at the game's root. An arrow that is not here points
 * backwards, or wants a line here and a look at whether the whole is still without a circle.
 */
const roomSees: Record<string, readonly string[]> = {
  starters: [],
  registry: [],
  standings: [],
  judging: [],
  hunt: ['starters'],
  'handing-out': ['starters', 'registry', 'judging'],
  workspaces: ['registry', 'handing-out'],
  people: ['registry', 'handing-out', 'workspaces'],
  proof: ['hunt'],
  triggers: ['judging', 'registry', 'handing-out', 'people'],
  upkeep: ['judging', 'people', 'triggers'],
}

function partOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '')
}

function allowed(from: string, { target, typeOnly }: Import): boolean {
  if (target === null) return from === 'checks/index.ts'
  const [here, there] = [partOf(from), partOf(target)]
  if (here === there) return true
  const rights = sees[here] ?? []
  if (rights.includes(there)) return true
  if (rights.includes('contracts') && /^(board\/\w+|dispatch)\/types\.ts$/.test(target)) return typeOnly
  return rights.includes('config types') && target === 'config.ts' && typeOnly
}

test('every file belongs to a part of the house', () => {
  const lost = sources.filter(({ file }) => !(partOf(file) in sees)).map(({ file }) => file)
  assert.deepEqual(lost, [])
  assert.ok(sources.length > 50)
})

test('imports point downwards: verbs see nouns, contracts instead of providers, and nobody sees compose', () => {
  const wrong = sources.flatMap(({ file, imports }) =>
    imports
      .filter((one) => !allowed(file, one))
      .map((one) => `${file} -> ${one.target ?? 'a computed file'}`),
  )
  assert.deepEqual(wrong, [])
})

/** The room of a file of the game; undefined for one at its root. */
function roomOf(file: string): string | undefined {
  return /^game\/([^/]+)\//.exec(file)?.[1]
}

test('rooms of the game see only what their row names, and the root sees none of them', () => {
  const rooms = new Set(sources.flatMap(({ file }) => roomOf(file) ?? []))
  assert.deepEqual([...rooms].sort(), Object.keys(roomSees).sort())
  const wrong = sources.flatMap(({ file, imports }) => {
    if (!file.startsWith('game/')) return []
    const room = roomOf(file)
    const sees = room === undefined ? [] : [room, ...(roomSees[room] ?? [])]
    return imports.flatMap(({ target }) => {
      const other = target === null ? undefined : roomOf(target)
      return other === undefined || sees.includes(other) ? [] : [`${file} -> ${target}`]
    })
  })
  assert.deepEqual(wrong, [])
})

test('every arrow that the table of rooms allows is there', () => {
  const drawn = new Set(
    sources.flatMap(({ file, imports }) =>
      imports.map(({ target }) => `${roomOf(file)} -> ${target === null ? undefined : roomOf(target)}`),
    ),
  )
  const idle = Object.entries(roomSees).flatMap(([room, others]) =>
    others.map((other) => `${room} -> ${other}`).filter((arrow) => !drawn.has(arrow)),
  )
  assert.deepEqual(idle, [])
})

test('files import each other in no circle, types included', () => {
  const targets = new Map(
    sources.map(({ file, imports }) => [file, imports.flatMap(({ target }) => target ?? [])]),
  )
  assert.deepEqual(circlesIn(targets), [])
})

test('the house’s parts and the game’s rooms stand in no circle either', () => {
  const parts = new Map(Object.entries(sees).map(([part, others]) => [part, others.flatMap(plainPart)]))
  assert.deepEqual(circlesIn(parts), [])
  assert.deepEqual(circlesIn(new Map(Object.entries(roomSees))), [])
})

function plainPart(right: string): string[] {
  return right in sees ? [right] : []
}

test('pages, API and command line read tables, and write only those of their own', () => {
  const writers = writersIn('db/')
  const wrong = sources.flatMap(({ file, tree }) => {
    if (!/^(web|cli)\//.test(file)) return []
    return tree.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
      const target = posix.join(dirname(file), textOf(statement.moduleSpecifier) ?? '')
      if (!target.startsWith('db/') || ownTables.includes(target)) return []
      const names = statement.importClause?.namedBindings
      const elements = names && ts.isNamedImports(names) ? names.elements : []
      return elements
        .map(({ name, propertyName }) => (propertyName ?? name).text)
        .filter((name) => writers.has(`${target} ${name}`))
        .map((name) => `${file}: ${name} of ${target}`)
    })
  })
  assert.deepEqual(wrong, [])
  assert.ok(writers.size > 40)
})

/** Log-ins, what hangs on them, and answers that are kept for a key are the web's own business. */
const ownTables = ['db/sessions.ts', 'db/keepsakes.ts', 'db/idempotency.ts']

/** Functions that change, lock or notify, by their file and name: those whose SQL says so. */
function writersIn(folder: string): ReadonlySet<string> {
  const writes =
    /\b(insert into|update [a-z_]+( as)?( [a-z]+)? set|delete from|truncate|for (no key )?update|for share|pg_notify|advisory|copy )/i
  return new Set(
    sources
      .filter(({ file }) => file.startsWith(folder))
      .flatMap(({ file, tree }) =>
        tree.statements
          .filter(ts.isFunctionDeclaration)
          .filter((one) => one.name !== undefined && writes.test(one.getText()))
          .map((one) => `${file} ${one.name?.text ?? ''}`),
      ),
  )
}

test('only config.ts reads the environment', () => {
  const readers = sources.filter(({ tree }) =>
    nodesOf(tree).some(
      (node) =>
        (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') ||
        (ts.isImportDeclaration(node) && /\benv\b.*node:process/.test(node.getText())),
    ),
  )
  assert.deepEqual(
    readers.map(({ file }) => file),
    ['config.ts'],
  )
})

test('exports have names, and no file only hands on what others export', () => {
  const isDefault = (node: ts.Node) =>
    ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword
  const isHandedOn = (node: ts.Statement) =>
    ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined
  const wrong = sources.filter(
    ({ tree }) =>
      nodesOf(tree).some((node) => isDefault(node) && !ts.isDefaultClause(node.parent)) ||
      (tree.statements.length > 0 && tree.statements.every(isHandedOn)),
  )
  assert.deepEqual(
    wrong.map(({ file }) => file),
    [],
  )
})

test('no source file is longer than 300 lines', () => {
  const long = sources.filter(({ lines }) => lines > 300).map(({ file, lines }) => `${file}: ${lines}`)
  assert.deepEqual(long, [])
})

test('migrations are numbered without a gap', () => {
  const files = readdirSync(join(src, 'db', 'migrations')).sort()
  assert.deepEqual(
    files.map((file) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]),
    files.map((_, index) => String(index + 1).padStart(4, '0')),
  )
})

test('tests lie where the code that they test lies', () => {
  const parts = new Set([...Object.keys(sees), 'contract', 'e2e', 'fixtures', 'helpers', 'charts', 'tools'])
  const top = readdirSync(join(packageRoot(), 'test'), { withFileTypes: true })
  const lost = top.filter((entry) => entry.isDirectory() && !parts.has(entry.name)).map(({ name }) => name)
  assert.deepEqual(lost, [])
})

/** Such as `src/dispatch/NAME.ts`. */
const placeholder = /\/[A-Z]+\.ts$/

test('documents name only source files and tests that are there', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(packageRoot(), 'docs'))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ]
  const lost = documents.flatMap((document) => {
    const text = readFileSync(join(packageRoot(), document), 'utf8')
    const files = text.match(/\b(?:src|test)\/[\w./-]+\.(?:ts|sql)\b/g) ?? []
    // The last column of the tables of threats names tests by folder and file.
    const rows =
      document === 'docs/security.md' ? text.split('\n').filter((line) => line.startsWith('|')) : []
    const tests = rows.flatMap((row) => [
      ...(row.split('|').at(-2) ?? '').matchAll(/`([a-z]+(?:\/[a-z-]+)+)`/g),
    ])
    return [...files, ...tests.map(([, name]) => `test/${name}.test.ts`)]
      .filter((file) => !existsSync(join(packageRoot(), file)) && !placeholder.test(file))
      .map((file) => `${document}: ${file}`)
  })
  assert.deepEqual(lost, [])
})
