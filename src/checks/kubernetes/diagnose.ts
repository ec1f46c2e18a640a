import { problemCodes, type Problem } from '../../core/problem.ts'
import { podProblems } from './diagnose/pod.ts'
import { claimProblems, ingressProblems, serviceProblems } from './diagnose/service.ts'
import { workloadProblems } from './diagnose/workload.ts'
import type { NamespaceContents } from './namespace-contents.ts'

const most = 20

/**
 * Why what the namespace holds does not run, in plain words: what refuses pods first, what merely has to wait last. One problem
 * for each object and reason, however many pods have it; 20 at most.
 */
export function diagnose(contents: NamespaceContents): Problem[] {
  const all = [
    ...contents.workloads.flatMap((one) => workloadProblems(one, contents)),
    ...contents.pods.flatMap((one) => podProblems(one, contents)),
    ...contents.claims.flatMap((one) => claimProblems(one, contents)),
    ...contents.services.flatMap((one) => serviceProblems(one, contents)),
    ...contents.ingresses.flatMap((one) => ingressProblems(one, contents)),
  ]
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
