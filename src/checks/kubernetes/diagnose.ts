import type { KubeObject } from '../../board/cluster/types.ts'
import { problemCodes, type Problem } from '../../core/problem.ts'
import { notReady, otherProblems, terminating } from './diagnose/other.ts'
import { podProblems } from './diagnose/pod.ts'
import { claimProblems } from './diagnose/claim.ts'
import { ingressProblems, selectorMissing, serviceProblems } from './diagnose/service.ts'
import { workloadProblems } from './diagnose/workload.ts'
import type { NamespaceContents } from './namespace-contents.ts'
import type { Readiness } from './ready.ts'
import type { Condition, Service } from './shapes.ts'
import { nameOf } from './words.ts'

const most = 20

/**
 * Why what the namespace holds does not run, in plain words: what refuses pods first, what merely has to wait last. One problem
 * for each object and reason, however many pods have it; 20 at most.
 */
export function diagnose(contents: NamespaceContents): Problem[] {
  return told([
    ...contents.workloads.flatMap((one) => workloadProblems(one, contents)),
    ...contents.pods.flatMap((one) => podProblems(one, contents)),
    ...contents.claims.flatMap((one) => claimProblems(one, contents)),
    ...contents.services.flatMap((one) => serviceProblems(one, contents)),
    ...contents.ingresses.flatMap((one) => ingressProblems(one, contents)),
    ...contents.others.flatMap((one) => otherProblems(one, contents)),
  ])
}

/** The same for objects that are looked at: nothing that has come to a stand is left without a reason. */
export function explain(
  objects: readonly KubeObject[],
  states: readonly Readiness[],
  contents: NamespaceContents,
): Problem[] {
  const leaving = objects.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const idle = objects.filter(({ kind }, index) => kind === 'Service' && states[index] !== 'ready')
  const problems = told([
    ...leaving.map(terminating),
    ...idle.flatMap((one) => selectorMissing(one as Service) ?? []),
    ...diagnose(contents),
  ])
  if (problems.length > 0) return problems
  const stuck = objects.filter((_, index) => states[index] === 'stuck')
  return told(stuck.map((one) => notReady(nameOf(one), lastWord(one))))
}

/** The condition that says most of why an object does not come up. */
function lastWord({ status }: KubeObject): Partial<Condition> {
  const { conditions, message, reason } = (status ?? {}) as Partial<Condition> & { conditions?: unknown }
  const all = Array.isArray(conditions) ? (conditions as (Condition | null)[]) : []
  const bad = all.filter((one) => one?.status === 'False' || one?.type === 'Failed')
  return (
    bad.find((one) => one?.type === 'Progressing') ??
    bad.at(-1) ?? { ...(message !== undefined && { message }), ...(reason !== undefined && { reason }) }
  )
}

/** One for each object and reason, what is surest first. */
function told(all: readonly Problem[]): Problem[] {
  const distinct = new Map<string, Problem>()
  for (const one of all) {
    const key = [
      one.code,
      one.object,
      one.details['container'],
      one.details['name'],
      one.details['key'],
    ].join(' ')
    // Of several pods with one reason, the one tells most for which no hope is left.
    const known = distinct.get(key)
    if (!known || (known.heals && !one.heals)) distinct.set(key, one)
  }
  const rank = (one: Problem) => problemCodes.indexOf(one.code)
  return [...distinct.values()].sort((a, b) => rank(a) - rank(b)).slice(0, most)
}
