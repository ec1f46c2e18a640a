import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { packageRoot } from '../src/lib/root.ts'
import { nodesOf } from './helpers/programs/sources.ts'

const src = join(packageRoot(), 'src')

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

interface Import {
  /** From the source folder, such as `board/forge/types.ts`; null where it is computed. */
  target: string | null
  typeOnly: boolean
}

interface Source {
  file: string
  lines: number
  tree: ts.SourceFile
  imports: Import[]
}

const sources: Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  // Declarations describe packages and hold no code.
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    const name = file.replaceAll('\\', '/')
    return { file: name, lines: text.trimEnd().split('\n').length, tree, imports: importsOf(name, tree) }
  })

function importsOf(file: string, tree: ts.SourceFile): Import[] {
  return nodesOf(tree).flatMap((node): Import[] => {
    const found = importOf(node)
    if (found === undefined) return []
    const [specifier, typeOnly] = found
    if (specifier === null) return [{ target: null, typeOnly }]
    // What does not begin with a dot is a package.
    return specifier.startsWith('.') ? [{ target: posix.join(dirname(file), specifier), typeOnly }] : []
  })
}

/** Static, re-exporting, type and dynamic imports, and workers' files by `new URL(…, import.meta.url)`. */
function importOf(node: ts.Node): [string | null, boolean] | undefined {
  if (ts.isImportDeclaration(node))
    return [textOf(node.moduleSpecifier), node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword]
  if (ts.isExportDeclaration(node) && node.moduleSpecifier)
    return [textOf(node.moduleSpecifier), node.isTypeOnly]
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return [textOf(node.argument.literal), true]
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return [textOf(node.arguments[0]), false]
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const path = textOf(node.arguments?.[0])
    if (path?.endsWith('.ts')) return [path, false]
  }
  return undefined
}

function textOf(node: ts.Node | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null
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
