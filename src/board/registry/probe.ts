import { ask, type RegistryPlace } from './client.ts'
import { digestOf } from './grammar.ts'
import { putBlob } from './upload.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

const removalMs = 10_000

/** See `Registry`. */
export async function withBlob<T>(
  place: RegistryPlace,
  repository: string,
  content: Buffer,
  work: () => Promise<T>,
): Promise<T> {
  const digest = digestOf(content)
  await putBlob(place, repository, digest, content)
  try {
    return await work()
  } finally {
    const call = { method: 'DELETE' as const, path: `/v2/${repository}/blobs/${digest}`, maxBytes: 0 }
    const signal = timeoutSignal(removalMs)
    await ask(place, { ...call, scope: `repository:${repository}:delete`, signal })
  }
}
