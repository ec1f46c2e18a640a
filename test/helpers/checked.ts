import assert from 'node:assert/strict'
import { check } from '../../src/checks/kubernetes.ts'
import { diagnoseNamespace } from '../../src/checks/kubernetes/namespace.ts'
import type { KubernetesFacts } from '../../src/checks/kubernetes/spec.ts'
import type { Problem } from '../../src/core/problem.ts'
import { applyObjects, type PlainObject } from './board/objects.ts'
import { contextOf } from './look.ts'
import { clusterWith, type TestNamespace } from './namespace.ts'
import { until } from './until.ts'

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
      const seen = () =>
        look(spec).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      const isGood = (one: Awaited<ReturnType<typeof seen>>) => !(one instanceof Error) && good(one.facts)
      const one = await until('such a look', seconds, seen, isGood, 100)
      assert.ok(!(one instanceof Error))
      return one
    },
    async found(code) {
      const isIt = (problem: Problem) => problem.code === code
      const diagnose = () => diagnoseNamespace(namespace.reader, signal)
      const one = (await until(`the problem ${code}`, seconds, diagnose, (all) => all.some(isIt), 100)).find(
        isIt,
      )
      assert.ok(one)
      return one
    },
  }
}
