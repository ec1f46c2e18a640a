import { dirname, posix } from 'node:path'
import ts from 'typescript'
import { nodesOf, parseSources } from './programs/sources.ts'

export interface Import {
  /** From the source folder, such as `board/forge/types.ts`; null where it is computed. */
  target: string | null
  typeOnly: boolean
}

export interface Source {
  file: string
  lines: number
  tree: ts.SourceFile
  imports: Import[]
}

/** Every source file of ours below a folder. */
export function readSources(folder: string): Source[] {
  return [...parseSources(folder, ['.'])].map(([file, tree]) => {
    const lines = tree.text.trimEnd().split('\n').length
    return { file, lines, tree, imports: importsOf(file, tree) }
  })
}

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

export function textOf(node: ts.Node | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null
}

/** Every set of nodes that reach each other (Tarjan's strongly connected components, SIAM J. Comput. 1972), of two or more. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []
  const visit = (node: string): number => {
    const own = order.size
    order.set(node, own)
    let low = own
    open.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next))
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low)
    }
    lowest.set(node, low)
    if (low === own) {
      const circle = open.splice(open.indexOf(node))
      if (circle.length > 1) circles.push(circle.sort())
    }
    return low
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return circles
}
