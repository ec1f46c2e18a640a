import type { KubeObject } from '../../board/cluster/types.ts'

interface Manager {
  subresource?: string
  time?: string
}

/** A controller that is there takes up within this time what somebody wrote. */
const takenUpMs = 15_000

/** When somebody last wrote an object, in milliseconds; 0 where nothing says so. `status`: also where a controller wrote that. */
export function changedAt({ metadata }: KubeObject, { status = false } = {}): number {
  const { creationTimestamp, managedFields } = metadata as {
    creationTimestamp?: string
    managedFields?: unknown
  }
  const managers = (Array.isArray(managedFields) ? managedFields : []) as Manager[]
  const times = managers
    .filter(({ subresource }) => status || subresource === undefined)
    .map(({ time }) => time)
  return Math.max(0, ...[creationTimestamp, ...times].map((time) => Date.parse(time ?? '') || 0))
}

/** Nobody has touched it for so long that a controller that wanted it would have taken it up. */
export function isQuiet(object: KubeObject, now: number, milliseconds = takenUpMs): boolean {
  return now - changedAt(object) > milliseconds
}
