import ts from 'typescript'
import { unknown } from './shell-lines.ts'
import { declarationOf, type Sources } from './sources.ts'

/** An argument of a function, in a text that the function makes of it. */
export interface Marked {
  parameter: ts.ParameterDeclaration
  /** `first`: the first of a list that is given; `each`: all that are given from there on. */
  of: 'all' | 'first' | 'each'
}

export interface Reading {
  sources: Sources
  marks: Marked[]
}

const most = 40
const perItem = new Set(['every', 'filter', 'find', 'flatMap', 'forEach', 'map', 'some'])
const sameItems = new Set(['concat', 'filter', 'slice', 'toReversed', 'toSorted'])
const firstMark = 0xe100

/** What an expression can be, as far as its text tells: parameters are marked, and what only a run can tell is `unknown`. */
export function textsOf(node: ts.Node | undefined, reading: Reading, depth = 0): string[] {
  if (node === undefined || depth > 10) return [unknown]
  const inner = (one: ts.Node | undefined) => textsOf(one, reading, depth + 1)
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (isWrapped(node)) return inner(node.expression)
  if (ts.isConditionalExpression(node)) return [...inner(node.whenTrue), ...inner(node.whenFalse)]
  if (ts.isTemplateExpression(node))
    return joined([
      [node.head.text],
      ...node.templateSpans.flatMap((span) => [inner(span.expression), [span.literal.text]]),
    ])
  if (ts.isBinaryExpression(node)) {
    const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken
    return isSum ? joined([inner(node.left), inner(node.right)]) : [...inner(node.left), ...inner(node.right)]
  }
  if (ts.isIdentifier(node)) return textsOfName(node, reading, depth)
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return propertiesOf(node, reading).flatMap(inner)
  if (ts.isCallExpression(node)) return textsOfCall(node, reading, depth)
  return [unknown]
}

/** The items of a list that is written out. */
export function itemsOf(node: ts.Node | undefined, reading: Reading, depth = 0): ts.Node[] {
  if (node === undefined || depth > 10) return []
  const inner = (one: ts.Node | undefined) => itemsOf(one, reading, depth + 1)
  if (isWrapped(node)) return inner(node.expression)
  if (ts.isArrayLiteralExpression(node))
    return node.elements.flatMap((one) => (ts.isSpreadElement(one) ? inner(one.expression) : [one]))
  if (ts.isConditionalExpression(node)) return [...inner(node.whenTrue), ...inner(node.whenFalse)]
  if (ts.isIdentifier(node)) {
    const declared = declarationOf(node, reading.sources)
    if (declared && ts.isVariableDeclaration(declared)) return inner(declared.initializer)
    // All that a function is given: the name itself stands for it.
    return declared && ts.isParameter(declared) && declared.dotDotDotToken ? [node] : []
  }
  const called = ts.isCallExpression(node) ? node.expression : undefined
  return called && ts.isPropertyAccessExpression(called) && sameItems.has(called.name.text)
    ? inner(called.expression)
    : []
}

/** The first of a list, such as the program of a command line. */
export function firstTexts(node: ts.Node | undefined, reading: Reading): string[] {
  const [first] = itemsOf(node, reading)
  if (first !== undefined) return textsOf(first, reading)
  const declared = node && ts.isIdentifier(node) ? declarationOf(node, reading.sources) : undefined
  return declared && ts.isParameter(declared) ? [markOf({ parameter: declared, of: 'first' }, reading)] : []
}

/** The parameter that a text is, all of it. */
export function markedBy(text: string, { marks }: Reading): Marked | undefined {
  return text.length === 1 ? marks[text.charCodeAt(0) - firstMark] : undefined
}

/** Whether a part of a text is left open. */
export function isOpen(text: string): boolean {
  return /[\uE000-\uF8FF]/.test(text)
}

function markOf(mark: Marked, { marks }: Reading): string {
  const known = marks.findIndex(({ parameter, of }) => parameter === mark.parameter && of === mark.of)
  return String.fromCharCode(firstMark + (known < 0 ? marks.push(mark) - 1 : known))
}

function textsOfName(name: ts.Identifier, reading: Reading, depth: number): string[] {
  const declared = declarationOf(name, reading.sources)
  if (declared === undefined) return [unknown]
  const inner = (one: ts.Node | undefined) => textsOf(one, reading, depth + 1)
  if (ts.isVariableDeclaration(declared)) {
    const loop = declared.parent.parent
    return ts.isForOfStatement(loop)
      ? itemsOf(loop.expression, reading).flatMap(inner)
      : inner(declared.initializer)
  }
  if (ts.isParameter(declared)) {
    const list = listBehind(declared)
    if (list) return itemsOf(list, reading).flatMap(inner)
    return [markOf({ parameter: declared, of: declared.dotDotDotToken ? 'each' : 'all' }, reading)]
  }
  // `program` of a parameter `[program, ...args]`.
  if (ts.isBindingElement(declared) && ts.isArrayBindingPattern(declared.parent)) {
    const { elements, parent } = declared.parent
    if (ts.isParameter(parent) && elements[0] === declared)
      return [markOf({ parameter: parent, of: 'first' }, reading)]
  }
  return [unknown]
}

/** `list` where the parameter is that of `list.map((one) => …)`. */
function listBehind({ parent }: ts.ParameterDeclaration): ts.Expression | undefined {
  const call = parent.parent
  const called = ts.isCallExpression(call) && call.arguments[0] === parent ? call.expression : undefined
  return called && ts.isPropertyAccessExpression(called) && perItem.has(called.name.text)
    ? called.expression
    : undefined
}

/** `programs.new` where the object is written out; all that it has where the name is computed. */
function propertiesOf(
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  { sources }: Reading,
): ts.Expression[] {
  const declared = ts.isIdentifier(node.expression) ? declarationOf(node.expression, sources) : undefined
  let written = declared && ts.isVariableDeclaration(declared) ? declared.initializer : undefined
  while (written && isWrapped(written)) written = written.expression
  if (!written || !ts.isObjectLiteralExpression(written)) return []
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : undefined
  return written.properties.flatMap((one) =>
    ts.isPropertyAssignment(one) && (name === undefined || one.name.getText() === name)
      ? one.initializer
      : [],
  )
}

/** `[…].join(' && ')`, and functions that only put a text together. */
function textsOfCall(call: ts.CallExpression, reading: Reading, depth: number): string[] {
  const called = call.expression
  const inner = (one: ts.Node | undefined) => textsOf(one, reading, depth + 1)
  if (ts.isPropertyAccessExpression(called) && called.name.text === 'join') {
    const [separator = ', '] = inner(call.arguments[0])
    const items = itemsOf(called.expression, reading).map(inner)
    return items.length === 0
      ? [unknown]
      : joined(items.flatMap((one, at) => (at > 0 ? [[separator], one] : [one])))
  }
  const declared = ts.isIdentifier(called) ? declarationOf(called, reading.sources) : undefined
  const made = declared && ts.isVariableDeclaration(declared) ? declared.initializer : undefined
  return made && ts.isArrowFunction(made) && !ts.isBlock(made.body)
    ? withoutMarks(inner(made.body))
    : [unknown]
}

/** What a function makes of its own parameters says nothing of the caller's. */
function withoutMarks(texts: readonly string[]): string[] {
  return texts.map((text) => text.replace(/[\uE000-\uF8FF]/g, unknown))
}

function joined(parts: readonly (readonly string[])[]): string[] {
  let texts = ['']
  for (const part of parts)
    texts = texts
      .flatMap((text) => (part.length === 0 ? [unknown] : part).map((next) => text + next))
      .slice(0, most)
  return texts
}

function isWrapped(
  node: ts.Node,
): node is
  | ts.ParenthesizedExpression
  | ts.AsExpression
  | ts.SatisfiesExpression
  | ts.AwaitExpression
  | ts.NonNullExpression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isNonNullExpression(node)
  )
}
