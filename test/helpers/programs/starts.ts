import { basename } from 'node:path'
import ts from 'typescript'
import { functionsIn, programsIn } from './shell-lines.ts'
import { declarationOf, importsOf, moduleOf, nodesOf, type Sources } from './sources.ts'
import { firstTexts, isOpen, itemsOf, markedBy, textsOf, type Reading } from './texts.ts'

/** How a program is looked for: on PATH, by `toolPath`, or in a shell whose PATH begins with the tools. */
export type Finder = 'path' | 'tool' | 'shell'

export interface Start {
  program: string
  /** File and line. */
  place: string
  finder: Finder
  /** Looked for by `command -v`, perhaps as one of several that would do. */
  asked?: true
}

/** What a function does with one of its arguments: starts it, gives it to a shell, or starts what is first in it or each in it. */
interface Starter {
  index: number
  takes: 'program' | 'line' | 'first' | 'each'
  finder: Finder
}

interface Scan extends Reading {
  starts: Map<string, Start & { file: string }>
  /** What lines of a file make of the shell's own functions, which lines of files that see it call. */
  functions: Map<string, Set<string>>
  starters: Map<ts.Node, Starter[]>
  methods: Map<string, Set<ts.Node>>
  /** A file with all that it imports. */
  sees: (file: string) => ReadonlySet<string>
}

/** Its lines find the tools of the test board by name. */
const shellFile = 'test/helpers/shell.ts'
const toolFile = 'test/helpers/board/tools.ts'

const ofNode: Record<string, Starter['takes']> = {
  spawn: 'program',
  spawnSync: 'program',
  execFile: 'program',
  execFileSync: 'program',
  exec: 'line',
  execSync: 'line',
}

/** Every program that these sources start, by functions of Node and by all of their own that lead to those. */
export function startsIn(sources: Sources): Start[] {
  const scan: Scan = {
    sources,
    marks: [],
    starts: new Map(),
    functions: new Map(),
    starters: new Map(),
    methods: new Map(),
    sees: importsOf(sources),
  }
  const nodes = [...sources.values()].flatMap(nodesOf)
  const calls = nodes.filter(ts.isCallExpression)
  const base = nodes.find(
    (node) =>
      ts.isFunctionDeclaration(node) &&
      node.name?.text === 'toolPath' &&
      node.getSourceFile().fileName === toolFile,
  )
  if (base) scan.starters.set(base, [{ index: 0, takes: 'program', finder: 'tool' }])
  const followed = new Map(calls.map((call) => [call, new Set<string>()]))
  let known = -1
  // A function that hands its argument to a starter is one too, and so on.
  while (known !== countOf(scan)) {
    known = countOf(scan)
    for (const [call, done] of followed)
      for (const starter of startersOf(call.expression, scan)) {
        const key = JSON.stringify(starter)
        if (!done.has(key)) follow(call, starter, scan)
        done.add(key)
      }
  }
  for (const node of nodes) noteWritten(node, scan)
  return [...scan.starts.values()].filter(({ program, file }) => !isFunction(program, file, scan))
}

function isFunction(program: string, file: string, { functions, sees }: Scan): boolean {
  return [...sees(file)].some((seen) => functions.get(seen)?.has(program))
}

/** Browsers that others start for us, and scripts in texts: whole ones, and solutions of made-up challenges. */
function noteWritten(node: ts.Node, scan: Scan): void {
  if (ts.isPropertyAssignment(node)) {
    const name = ts.isStringLiteral(node.name) ? node.name.text : node.name.getText()
    if (name === 'executablePath')
      for (const text of textsOf(node.initializer, scan)) addProgram(text, node, 'path', scan)
    if (name.endsWith('/solve.sh'))
      for (const text of textsOf(node.initializer, scan)) addLine(text, node, 'shell', scan)
  }
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
    for (const text of textsOf(node, scan)) if (/^#!.*sh\n/.test(text)) addLine(text, node, 'path', scan)
}

function countOf({ starters }: Scan): number {
  return [...starters.values()].reduce((sum, { length }) => sum + length, 0)
}

/** What the called function starts. */
function startersOf(called: ts.Expression, scan: Scan): readonly Starter[] {
  if (ts.isPropertyAccessExpression(called)) return byMethod(called.name, scan)
  if (ts.isCallExpression(called)) return ofPromisified(called, scan)
  if (!ts.isIdentifier(called)) return []
  const declared = declarationOf(called, scan.sources)
  if (declared === undefined) return []
  if (ts.isImportSpecifier(declared)) {
    const takes = ofNode[(declared.propertyName ?? declared.name).text]
    return takes && moduleOf(declared) === 'node:child_process' ? [{ index: 0, takes, finder: 'path' }] : []
  }
  if (ts.isFunctionDeclaration(declared)) return scan.starters.get(declared) ?? []
  if (!ts.isVariableDeclaration(declared)) return byMethod(called, scan)
  const made = declared.initializer
  if (made === undefined) return []
  return ts.isCallExpression(made) ? ofPromisified(made, scan) : (scan.starters.get(made) ?? [])
}

/** Functions of objects are known by their names, in this file and in the helpers that it sees. */
function byMethod(name: ts.Identifier | ts.PrivateIdentifier, { methods, starters, sees }: Scan): Starter[] {
  const made = [...(methods.get(name.text) ?? [])]
  const seen = made.length === 0 ? undefined : sees(name.getSourceFile().fileName)
  return made.flatMap((one) => (seen?.has(one.getSourceFile().fileName) ? (starters.get(one) ?? []) : []))
}

/** `promisify(execFile)`. */
function ofPromisified(
  { expression, arguments: [given] }: ts.CallExpression,
  scan: Scan,
): readonly Starter[] {
  return given && ts.isIdentifier(expression) && expression.text === 'promisify'
    ? startersOf(given, scan)
    : []
}

/** Notes what one call starts. */
function follow(call: ts.CallExpression, { index, takes, finder }: Starter, scan: Scan): void {
  const argument = call.arguments[index]
  if (argument === undefined) return
  if (takes === 'line') for (const text of textsOf(argument, scan)) addLine(text, argument, finder, scan)
  if (takes === 'each')
    for (const one of call.arguments.slice(index))
      for (const text of textsOf(one, scan)) addProgram(text, one, finder, scan)
  if (takes !== 'program' && takes !== 'first') return
  const programs = takes === 'first' ? firstTexts(argument, scan) : textsOf(argument, scan)
  const rest = takes === 'first' ? itemsOf(argument, scan).slice(1) : itemsOf(call.arguments[index + 1], scan)
  for (const text of programs) {
    addProgram(text, argument, finder, scan)
    // `sh -c` runs what follows.
    const at = /^(.*\/)?(ba|da)?sh$/.test(text)
      ? rest.findIndex((one) => textsOf(one, scan).includes('-c'))
      : -1
    const line = at < 0 ? undefined : rest[at + 1]
    if (line) for (const script of textsOf(line, scan)) addLine(script, line, finder, scan)
  }
}

function addLine(script: string, node: ts.Node, finder: Finder, scan: Scan): void {
  const file = node.getSourceFile().fileName
  const by = file === shellFile ? 'shell' : finder
  scan.functions.set(file, new Set([...(scan.functions.get(file) ?? []), ...functionsIn(script)]))
  for (const { program, line, asked } of programsIn(script)) {
    if (!addStarter(program, 'line', by, scan))
      note(program, node, { line, finder: by, ...(asked && { asked }) }, scan)
  }
}

function addProgram(program: string, node: ts.Node, finder: Finder, scan: Scan): void {
  if (!addStarter(program, 'program', finder, scan)) note(program, node, { line: 1, finder }, scan)
}

/** Where the program is an argument of the function around the call, that function is a starter. */
function addStarter(text: string, takes: 'program' | 'line', finder: Finder, scan: Scan): boolean {
  const marked = markedBy(text, scan)
  if (marked === undefined) return false
  const { parameter, of } = marked
  const made = parameter.parent
  const index = made.parameters.indexOf(parameter)
  const starters = scan.starters.get(made) ?? []
  const starter: Starter = { index, takes: of === 'all' ? takes : of, finder }
  if (!starters.some((one) => one.index === index && one.takes === starter.takes && one.finder === finder))
    scan.starters.set(made, [...starters, starter])
  const name = methodName(made)
  if (name !== undefined) scan.methods.set(name, new Set([...(scan.methods.get(name) ?? []), made]))
  return true
}

/** The name by which a function of an object is called. */
function methodName(made: ts.SignatureDeclaration): string | undefined {
  if (made.getSourceFile().fileName.startsWith('src/')) return undefined
  if (ts.isMethodDeclaration(made)) return made.name.getText()
  const { parent } = made
  if (ts.isPropertyAssignment(parent)) return parent.name.getText()
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return undefined
  const { text } = parent.name
  const isHandedOut = (node: ts.Node) => ts.isShorthandPropertyAssignment(node) && node.name.text === text
  return nodesOf(made.getSourceFile()).some(isHandedOut) ? text : undefined
}

function note(
  text: string,
  node: ts.Node,
  { line, finder, asked }: { line: number; finder: Finder; asked?: true },
  { starts }: Scan,
): void {
  const program = programOf(text)
  if (program === undefined) return
  const source = node.getSourceFile()
  const first = source.getLineAndCharacterOfPosition(node.getStart()).line
  const place = `${source.fileName}:${first + line}`
  const start = { program, place, finder, file: source.fileName, ...(asked && { asked }) }
  starts.set(`${place} ${program} ${finder}`, start)
}

/** Its name; undefined for files of ours, which are given with their folder, and for what only a run can tell. */
export function programOf(text: string): string | undefined {
  if (text === '' || isOpen(text)) return undefined
  if (/^(\/usr)?\/s?bin\//.test(text)) return basename(text)
  return text.includes('/') ? undefined : text
}
