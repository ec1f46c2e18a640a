import type { NamespaceReader } from '../../board/cluster/types.ts'
import { PlayerFault } from '../../lib/errors.ts'
import { changedAt } from '../kubernetes/changed.ts'
import { gather } from '../kubernetes/gather.ts'
import type { HttpFacts } from './spec.ts'

/** Within this time every node and controller leads to what stands there now. */
const settledMs = 8000

/** An answer that also comes while the way to what was made is still being laid, or none. */
export function isProvisional({ reached, status }: HttpFacts, isIngress: boolean): boolean {
  return !reached || [502, 503, 504].includes(status) || (isIngress && status === 404)
}

/** Whether something that answers, or leads to it, has changed a moment ago: a pod, a Service, its endpoints, an Ingress. */
export async function isSettling(reader: NamespaceReader, signal: AbortSignal): Promise<boolean> {
  try {
    const { contents, slices } = await gather(reader, ['pods', 'services', 'slices', 'ingresses'], signal)
    const all = [...contents.pods, ...contents.services, ...slices, ...contents.ingresses]
    const moved = Math.max(0, ...all.map((one) => changedAt(one, { status: true })))
    return Date.now() - moved < settledMs
  } catch (error) {
    // More than is read of a namespace: then it is judged as it answers.
    if (error instanceof PlayerFault) return false
    throw error
  }
}
