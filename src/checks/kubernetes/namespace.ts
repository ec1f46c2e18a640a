import type { NamespaceReader } from '../../board/cluster/types.ts'
import type { Problem } from '../../core/problem.ts'
import { diagnose } from './diagnose.ts'
import { gather, kinds, lookCloser, type Part } from './gather.ts'

/** Why something in a player's namespace does not run; empty when all does. Throws `Inconclusive` as the reader does. */
export async function diagnoseNamespace(reader: NamespaceReader, signal: AbortSignal): Promise<Problem[]> {
  const parts = (Object.keys(kinds) as Part[]).filter((part) => part !== 'slices')
  const { contents } = await gather(reader, parts, signal)
  return diagnose(await lookCloser(contents, reader, signal))
}
