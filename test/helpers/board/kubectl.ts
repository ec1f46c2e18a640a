import { run } from './run.ts'
import { tool } from './tools.ts'

export type Kubectl = (...args: string[]) => Promise<string>

/** Runs kubectl with this kubeconfig and gives what it prints; throws with what it said when it fails. */
export function kubectlWith(kubeconfig: string, ...flags: string[]): Kubectl {
  return (...args) => run(tool('kubectl'), ['--kubeconfig', kubeconfig, ...flags, ...args])
}
