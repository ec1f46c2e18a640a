import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import ts from 'typescript'

export type Sources = ReadonlyMap<string, ts.SourceFile>

/** Every file of these folders, from the root. */
export function filesBelow(root: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  )
}

export function parseSources(root: string, folders: readonly string[]): Sources {
  // Declarations describe packages and hold no code.
  const files = filesBelow(root, folders).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  return new Map(files.map((file) => [file, parseSource(file, readFileSync(join(root, file), 'utf8'))]))
}

export function parseSource(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

export function nodesOf(tree: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return nodes
}

/** Of each file, itself and what it imports, and what that imports. */
export function importsOf(sources: Sources): (file: string) => ReadonlySet<string> {
  const direct = new Map([...sources].map(([file, source]) => [file, importedBy(file, source)]))
  const known = new Map<string, ReadonlySet<string>>()
  return (file) => {
    const seen = known.get(file) ?? reached(file, direct)
    known.set(file, seen)
    return seen
  }
}

function importedBy(file: string, source: ts.SourceFile): string[] {
  return source.statements.flatMap((one) =>
    ts.isImportDeclaration(one) &&
    ts.isStringLiteral(one.moduleSpecifier) &&
    one.moduleSpecifier.text.startsWith('.')
      ? [posix.join(posix.dirname(file), one.moduleSpecifier.text)]
      : [],
  )
}

function reached(file: string, direct: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set([file])
  for (const one of seen) for (const next of direct.get(one) ?? []) seen.add(next)
  return seen
}

export type Declared =
  | ts.VariableDeclaration
  | ts.BindingElement
  | ts.ParameterDeclaration
  | ts.FunctionDeclaration
  | ts.ImportSpecifier

/** Where a name was given, in this file or in the one that it is imported from. */
export function declarationOf(name: ts.Identifier, sources: Sources): Declared | undefined {
  for (let scope: ts.Node | undefined = name.parent; scope as ts.Node | undefined; scope = scope.parent) {
    const found = namesIn(scope).get(name.text)
    if (found) return ts.isImportSpecifier(found) ? (exportedBy(found, sources) ?? found) : found
  }
  return undefined
}

/** The module that a name is imported from, as it is written. */
export function moduleOf(specifier: ts.ImportSpecifier): string {
  const { moduleSpecifier } = specifier.parent.parent.parent
  return ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''
}

function exportedBy(specifier: ts.ImportSpecifier, sources: Sources): Declared | undefined {
  const from = moduleOf(specifier)
  const file = posix.join(posix.dirname(specifier.getSourceFile().fileName), from)
  const source = from.startsWith('.') ? sources.get(file) : undefined
  return source && namesIn(source).get((specifier.propertyName ?? specifier.name).text)
}

const scopes = new WeakMap<ts.Node, ReadonlyMap<string | undefined, Declared>>()

function namesIn(scope: ts.Node): ReadonlyMap<string | undefined, Declared> {
  const names = scopes.get(scope) ?? new Map(declaredIn(scope).map((one) => [nameOf(one), one]))
  scopes.set(scope, names)
  return names
}

function nameOf({ name }: Declared): string | undefined {
  return name && ts.isIdentifier(name) ? name.text : undefined
}

function declaredIn(scope: ts.Node): Declared[] {
  if (ts.isFunctionLike(scope))
    return scope.parameters.flatMap((one) => (ts.isParameter(one) ? spread(one) : []))
  if (ts.isForOfStatement(scope) || ts.isForStatement(scope))
    return scope.initializer && ts.isVariableDeclarationList(scope.initializer)
      ? scope.initializer.declarations.flatMap(spread)
      : []
  return ts.isBlock(scope) || ts.isSourceFile(scope) ? scope.statements.flatMap(declaredBy) : []
}

function declaredBy(statement: ts.Statement): Declared[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(spread)
  if (ts.isFunctionDeclaration(statement)) return [statement]
  const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
  return bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : []
}

/** With the names inside of a pattern. */
function spread(one: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement): Declared[] {
  if (ts.isIdentifier(one.name)) return [one]
  return one.name.elements.flatMap((element) => (ts.isBindingElement(element) ? spread(element) : []))
}
