import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { z, type ZodType } from 'zod'
import { celEnvironment } from '../lib/cel.ts'
import { suggestion } from '../lib/nearest.ts'
import type { ParamSpec } from './challenge.ts'

/** A fault of an expression, with its place in it. */
export interface ExpressionFault {
  message: string
  /** 0-based offset into the expression. */
  at: number
}

/** What an expression may name: the facts of its check and of those before it, `params` and `player`. */
export interface Scope {
  facts: Readonly<Record<string, ZodType>>
  params: Readonly<Record<string, ParamSpec>>
}

/** The environment against which expressions are checked when a hunt is loaded. */
export interface TypedScope {
  environment: Environment
  /** Names of the fields of each of its types, and under '' the variables. */
  names: ReadonlyMap<string, readonly string[]>
}

/** Throws where a name of the scope cannot be a variable, such as `in`. */
export function typedScope(scope: Scope): TypedScope {
  const environment = celEnvironment({ undeclared: false })
  const names = new Map<string, readonly string[]>()
  const object = (name: string, shape: Record<string, ZodType>): string => {
    const fields = Object.fromEntries(
      Object.entries(shape).map(([key, value]) => [key, typeOf(`${name}.${key}`, value)]),
    )
    names.set(name, Object.keys(shape))
    environment.registerType(name, { fields })
    return name
  }
  const typeOf = (name: string, type: ZodType): string => {
    if (type instanceof z.ZodObject) return object(name, type.shape)
    if (type instanceof z.ZodRecord) return `map<string, ${typeOf(name, type.valueType as ZodType)}>`
    if (type instanceof z.ZodArray) return `list<${typeOf(name, type.element as ZodType)}>`
    if (type instanceof z.ZodString || type instanceof z.ZodEnum) return 'string'
    if (type instanceof z.ZodBoolean) return 'bool'
    if (type instanceof z.ZodNumber) return type.format?.includes('int') ? 'int' : 'double'
    return 'dyn'
  }
  const params = Object.entries(scope.params).map(
    ([name, spec]) => [name, 'range' in spec ? z.int() : z.string()] as const,
  )
  const variables: Record<string, ZodType> = {
    ...scope.facts,
    params: z.object(Object.fromEntries(params)),
    player: z.object({ slug: z.string(), name: z.string() }),
  }
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, typeOf(name, type))
  names.set('', Object.keys(variables))
  return { environment, names }
}

/** The first fault of an expression; null when it is well formed, well typed and says yes or no. */
export function expressionFault(
  { environment, names }: TypedScope,
  expression: string,
): ExpressionFault | null {
  let ast: ASTNode
  try {
    ast = environment.parse(expression).ast
  } catch (error) {
    return faultOf(error, names)
  }
  const refused = refusedCall(ast)
  if (refused) return refused
  const checked = environment.check(expression)
  if (!checked.valid) return faultOf(checked.error, names)
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    return {
      message: `this says a value of type ${String(checked.type)}; it has to say true or false`,
      at: 0,
    }
  }
  return null
}

/** Backtracking regular expressions can run for ever; `re` runs in linear time. Literal patterns of `re` are compiled here. */
function refusedCall(ast: ASTNode): ExpressionFault | null {
  for (const node of walk(ast)) {
    const name = node.op === 'rcall' || node.op === 'call' ? (node.args as unknown[])[0] : undefined
    if (name === 'matches')
      return { message: 'matches(…) is not available: write re(pattern, text)', at: node.start }
    if (name !== 're' || node.op !== 'call') continue
    const pattern = node.args[1][0]
    if (pattern?.op !== 'value') continue
    try {
      RE2JS.compile(String(pattern.args))
    } catch (error) {
      return { message: `the pattern cannot be read: ${(error as Error).message}`, at: pattern.start }
    }
  }
  return null
}

/** The select chains of an expression that start at a variable, such as `git.files['a'].size`: what it looks at. */
export function chainsOf(ast: ASTNode, source: string): string[] {
  const chains: string[] = []
  const visit = (node: ASTNode, bound: ReadonlySet<string>) => {
    const root = rootOf(node)
    if (root !== null) {
      if (!bound.has(root) && node.op !== 'id') chains.push(source.slice(node.start, node.end))
      return
    }
    const names = new Set(bound)
    if (node.op === 'rcall') for (const child of node.args[2]) if (child.op === 'id') names.add(child.args)
    for (const child of childrenOf(node)) visit(child, names)
  }
  visit(ast, new Set())
  return [...new Set(chains)]
}

function rootOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op !== '.' && node.op !== '[]') return null
  const [target, key] = node.args as [ASTNode, ASTNode | string]
  if (typeof key !== 'string' && key.op !== 'value') return null
  return rootOf(target)
}

function* walk(node: ASTNode): Generator<ASTNode> {
  yield node
  for (const child of childrenOf(node)) yield* walk(child)
}

function childrenOf(node: ASTNode): ASTNode[] {
  const isNode = (value: unknown): value is ASTNode =>
    typeof value === 'object' && value !== null && 'op' in value
  const flat = (value: unknown): ASTNode[] =>
    isNode(value) ? [value] : Array.isArray(value) ? value.flatMap(flat) : []
  return flat(node.args)
}

interface EngineError {
  message: string
  range?: { start: number }
  node?: { left?: { checkedType?: { name: string } } }
}

/** The engine's words, and for an unknown name what there is instead. */
function faultOf(error: unknown, names: TypedScope['names']): ExpressionFault {
  const { message, range, node } = error as EngineError
  const [first = 'it cannot be read'] = message.split('\n')
  const at = range?.start ?? 0
  const unknown = /^(?:No such key|Unknown variable): (\S+)/.exec(first)?.[1]
  if (unknown === undefined) return { message: first, at }
  const type = first.startsWith('No such key') ? node?.left?.checkedType?.name : ''
  const known = type === undefined ? undefined : names.get(type)
  const others = known ? `${suggestion(unknown, known)}; there are: ${known.join(', ') || 'none'}` : ''
  return { message: `there is no ${unknown}${others}`, at }
}
