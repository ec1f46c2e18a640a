import assert from 'node:assert/strict'
import { check } from '../../src/checks/kubernetes.ts'
import { diagnoseNamespace } from '../../src/checks/kubernetes/namespace.ts'
import type { KubernetesFacts } from '../../src/checks/kubernetes/spec.ts'
import type { Problem } from '../../src/core/problem.ts'
import { applyObjects, type PlainObject } from './board/objects.ts'
import { within } from './board/pods.ts'
import { contextOf } from './look.ts'
import { clusterWith, type TestNamespace } from './namespace.ts'

/** A player's namespace, and how the check and the stage's page see it. */
export interface Checked extends TestNamespace {
  apply(...objects: PlainObject[]): Promise<void>
  look(spec: Record<string, unknown>): ReturnType<typeof check.look>
  facts(spec: Record<string, unknown>): Promise<KubernetesFacts>
  /** The look, once it has such facts. */
  until(
    spec: Record<string, unknown>,
    good: (facts: KubernetesFacts) => boolean,
  ): Promise<Awaited<ReturnType<typeof check.look>>>
  /** The problem of this code, once the whole namespace has one. */
  found(code: string): Promise<Problem>
}

const { signal } = new AbortController()

export function checked(namespace: TestNamespace, seconds = 30): Checked {
  const look: Checked['look'] = (spec) =>
    check.look(check.spec.parse(spec), {
      ...contextOf(null),
      board: { cluster: clusterWith(namespace.reader) },
    })
  return {
    ...namespace,
    look,
    apply: (...objects) =>
      applyObjects(
        namespace.kubeconfig,
        objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: namespace.name } })),
      ),
    facts: async (spec) => check.facts.parse((await look(spec)).facts),
    async until(spec, good) {
      let seen: unknown
      const one = await within(seconds, async () => {
        const looked = await look(spec).catch((error: unknown) => {
          seen = error
          return null
        })
        if (!looked) return null
        seen = looked.facts
        return good(looked.facts) ? looked : null
      })
      assert.ok(one, `not as it should be: ${JSON.stringify(seen, null, 2)}`)
      return one
    },
    async found(code) {
      let seen: Problem[] = []
      const one = await within(seconds, async () => {
        seen = await diagnoseNamespace(namespace.reader, signal)
        return seen.find((problem) => problem.code === code) ?? null
      })
      assert.ok(one, `no ${code} in ${JSON.stringify(seen, null, 2)}`)
      return one
    },
  }
}
