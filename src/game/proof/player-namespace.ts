import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Fault } from '../../lib/errors.ts'
import { workspaceAnswer } from './answers.ts'
import type { Ask } from './ask.ts'

const namespaceMs = 240_000

/** A throw-away player's place on the cluster. */
export interface ProofNamespace {
  /** Waits until the namespace has been made and probed. */
  namespaceReady(): Promise<void>
  /** Throws away what an earlier attempt left in it. */
  freshNamespace(): Promise<void>
  kubeconfig(): Promise<string>
  /** What scripts need to know of the namespace beside the kubeconfig. */
  clusterVariables(): Promise<Record<string, string>>
}

export function namespaceOf(ask: Ask): ProofNamespace {
  let used = false
  return {
    async namespaceReady() {
      await readyNamespace(ask)
    },
    async freshNamespace() {
      const { namespaces } = await readyNamespace(ask)
      if (used) {
        await ask('POST', '/workspace/reset', { namespace: namespaces[0]?.name })
        await readyNamespace(ask)
      }
      used = true
    },
    kubeconfig: async () => z.string().parse(await ask('GET', '/workspace/kubeconfig')),
    async clusterVariables() {
      const { namespaces, hostSuffix } = await readyNamespace(ask)
      return {
        SHAMBHALA_NAMESPACE: namespaces[0]?.name ?? '',
        ...(hostSuffix !== null && { SHAMBHALA_HOST_SUFFIX: hostSuffix }),
      }
    },
  }
}

async function readyNamespace(ask: Ask) {
  const until = Date.now() + namespaceMs
  for (;;) {
    const { cluster } = workspaceAnswer.parse(await ask('GET', '/workspace'))
    if (cluster?.state === 'ready' || cluster?.state === 'expiring') return cluster
    // What is tried again by itself may still come about.
    const over = cluster?.state === 'failed' && cluster.nextTry === null
    if (over || Date.now() > until)
      throw new Fault(
        `The namespace is not ready: ${cluster?.state ?? 'there is none'}. See "bin/shambhala board check".`,
      )
    await sleep(250)
  }
}
