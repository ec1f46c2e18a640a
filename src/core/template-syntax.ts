import Handlebars from 'handlebars'
import { assertShallow } from './template-bounds.ts'

/** Everything that a template may call. */
export const helpers: ReadonlySet<string> = new Set(['short', 'size', 'count', 'join', 'number', 'nth'])
export const blocks = { each: true, if: true, unless: true } as const

/** A value that a template names, such as `git.commits.0.sha`, where nothing around it changes what names mean. */
export interface NamedValue {
  parts: readonly string[]
  /** 1-based line and 0-based column of the template. */
  line: number
  column: number
}

/** Parses an author's template; each value that is shown as it is goes through the helper `show`. Throws where `templateFault` tells a fault. */
export function parseTemplate(template: string): hbs.AST.Program {
  assertShallow(template)
  const program = Handlebars.parse(template)
  visit(program, 0, () => undefined)
  return program
}

/** The fault of a template, or null. */
export function templateFault(template: string): string | null {
  try {
    parseTemplate(template)
    return null
  } catch (error) {
    const lines = (error as Error).message.split('\n')
    const [first = 'cannot be read'] = lines
    return first.startsWith('Parse error') ? `${first.replace(/:$/, '')}: ${lines.at(-1) ?? ''}` : first
  }
}

/** The values that a template names outside `each`, whose items have names of their own. */
export function namedValues(template: string): NamedValue[] {
  const found: NamedValue[] = []
  visit(Handlebars.parse(template), 0, (value) => found.push(value))
  return found
}

function visit(program: hbs.AST.Program, rounds: number, found: (value: NamedValue) => void): void {
  for (const statement of program.body) {
    if (isValue(statement)) visitValue(statement, rounds, found)
    else if (isBlock(statement)) visitBlock(statement, rounds, found)
    else if (statement.type !== 'ContentStatement' && statement.type !== 'CommentStatement')
      throw new Error('only values and the blocks if, unless and each are available here')
  }
}

function visitValue(
  statement: hbs.AST.MustacheStatement,
  rounds: number,
  found: (value: NamedValue) => void,
): void {
  const { path } = statement
  const name = nameOf(path)
  if (statement.params.length === 0 && !helpers.has(name)) {
    note(path, rounds, found)
    statement.params = [path]
    statement.path = {
      ...(path as hbs.AST.PathExpression),
      data: false,
      depth: 0,
      parts: ['show'],
      original: 'show',
    }
    return
  }
  if (!helpers.has(name)) throw new Error(`there is no helper ${name}; there are: ${[...helpers].join(', ')}`)
  if (statement.params.length === 0) throw new Error(`${name} needs a value, such as {{${name} git.head}}`)
  for (const param of statement.params) note(param, rounds, found)
}

function visitBlock(
  statement: hbs.AST.BlockStatement,
  rounds: number,
  found: (value: NamedValue) => void,
): void {
  const name = nameOf(statement.path)
  if (!Object.hasOwn(blocks, name))
    throw new Error(`there is no block ${name}; there are: ${Object.keys(blocks).join(', ')}`)
  if (statement.params.length !== 1)
    throw new Error(`${name} needs one value, such as {{#${name} git.commits}}`)
  for (const param of statement.params) note(param, rounds, found)
  const inner = rounds + (name === 'each' ? 1 : 0)
  if (inner > 2) throw new Error('each may stand in one other each, not deeper')
  visit(statement.program, inner, found)
  // An `else if` is a block in the inverse program.
  if ((statement.inverse as hbs.AST.Program | undefined) !== undefined)
    visit(statement.inverse, rounds, found)
}

function note(expression: hbs.AST.Expression, rounds: number, found: (value: NamedValue) => void): void {
  if (expression.type === 'SubExpression') throw new Error('helpers cannot be put into each other here')
  if (!isPath(expression)) return
  const { data, depth, parts, loc } = expression
  if (data || depth > 0 || rounds > 0 || parts.length === 0) return
  found({ parts: parts.map(String), line: loc.start.line, column: loc.start.column })
}

function nameOf(path: hbs.AST.PathExpression | hbs.AST.Literal): string {
  return 'parts' in path ? path.original : 'a literal'
}

function isValue(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement'
}

function isBlock(statement: hbs.AST.Statement): statement is hbs.AST.BlockStatement {
  return statement.type === 'BlockStatement'
}

function isPath(expression: hbs.AST.Expression): expression is hbs.AST.PathExpression {
  return expression.type === 'PathExpression'
}
