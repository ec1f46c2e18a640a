import type { CheckContext } from '../../src/checks/check.ts'
import { check } from '../../src/checks/git.ts'
import type { GitFacts } from '../../src/checks/git/spec.ts'
import { silentLog } from '../../src/lib/log.ts'
import { clusterWith, emptyNamespace } from './empty-namespace.ts'
import { noImages } from './empty-registry.ts'
import type { TestRepository } from './repository.ts'

/** A player's context over one repository that lies on disk without a forge's HTTP side. */
export function contextOf(
  repository: TestRepository | null,
  options: { signal?: AbortSignal; answer?: string } = {},
): CheckContext {
  const memory = new Map<string, Promise<unknown>>()
  return {
    player: { slug: 'tara', name: 'Tara' },
    board: repository
      ? {
          forge: { reader: () => repository.reader() },
          cluster: clusterWith(emptyNamespace()),
          registry: noImages(),
        }
      : {},
    repository: repository ? 'torn-map' : null,
    snapshot: () => (repository ? repository.reader().snapshot() : Promise.resolve({ head: '', refs: {} })),
    answer: options.answer,
    params: {},
    signal: options.signal ?? new AbortController().signal,
    log: silentLog,
    memo<T>(key: string, make: () => Promise<T>): Promise<T> {
      const made = memory.get(key) ?? make()
      memory.set(key, made)
      return made as Promise<T>
    },
  }
}

export async function lookAt(
  repository: TestRepository,
  spec: Record<string, unknown> = {},
): Promise<GitFacts> {
  const { facts } = await check.look(check.spec.parse(spec), contextOf(repository))
  check.facts.parse(facts)
  return facts
}
