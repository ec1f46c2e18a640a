import { readQuantity } from '../../core/quantity.ts'

type Table = Readonly<Record<string, unknown>>

/**
 * Path of the first field of `wanted` that `live` lacks or has otherwise, such as `spec.template.spec.containers[0].image`;
 * null where all of them are there. What the API server adds, leaves out because it is empty, fills in where nothing is said, or
 * writes in another way (`0.5` CPUs are `500m`) is no difference: helm and kubectl send it all the same, and it stays as it is.
 */
export function firstDifference(wanted: unknown, live: unknown, path = ''): string | null {
  // Says nothing: the API server takes it for a field that is not there.
  if (wanted === null || wanted === undefined) return null
  if (Array.isArray(wanted)) return inList(wanted, live ?? undefined, path)
  if (isTable(wanted)) return inTable(wanted, live ?? undefined, path)
  if (wanted === live || ((live ?? null) === null && isEmpty(wanted))) return null
  return sameQuantity(wanted, live) || isFilledIn(wanted, live, path) ? null : path
}

/** Fields that may not be empty, and what the API server writes there where they are; null where that may be anything. */
const filledIn: Readonly<Record<string, readonly unknown[] | null>> = {
  apiVersion: ['v1'],
  clusterIP: null,
  completionMode: ['NonIndexed'],
  concurrencyPolicy: ['Allow'],
  creationTimestamp: null,
  dnsPolicy: ['ClusterFirst'],
  externalTrafficPolicy: ['Cluster'],
  failureThreshold: [3],
  healthCheckNodePort: null,
  imagePullPolicy: ['Always', 'IfNotPresent'],
  internalTrafficPolicy: ['Cluster'],
  ipFamilyPolicy: ['SingleStack'],
  namespace: null,
  nodePort: null,
  path: ['/'],
  periodSeconds: [10],
  podManagementPolicy: ['OrderedReady', 'Parallel'],
  preemptionPolicy: ['PreemptLowerPriority'],
  protocol: ['TCP'],
  restartPolicy: ['Always'],
  schedulerName: ['default-scheduler'],
  scheme: ['HTTP'],
  serviceAccountName: ['default'],
  sessionAffinity: ['None'],
  successThreshold: [1],
  targetPort: null,
  terminationMessagePath: ['/dev/termination-log'],
  terminationMessagePolicy: ['File'],
  timeoutSeconds: [1],
  type: ['ClusterIP', 'Opaque', 'RollingUpdate', 'Utilization'],
  volumeMode: ['Filesystem'],
  whenDeleted: ['Retain'],
  whenScaled: ['Retain'],
}
/** Below these, keys are the author's, and an empty text is one. */
const free = /(^|\.)(data|stringData|binaryData|labels|annotations|matchLabels|nodeSelector)\./

function isFilledIn(wanted: unknown, live: unknown, path: string): boolean {
  const [key = ''] = /[^.]*$/.exec(path) ?? []
  if ((wanted !== '' && wanted !== 0) || free.test(path) || !Object.hasOwn(filledIn, key)) return false
  const values = filledIn[key]
  return values === null || values?.includes(live) === true
}

function inTable(wanted: Table, live: unknown, path: string): string | null {
  if (live !== undefined && !isTable(live)) return path
  for (const [key, value] of Object.entries(wanted)) {
    const there = isTable(live) && Object.hasOwn(live, key) ? live[key] : undefined
    const difference = firstDifference(value, there, path === '' ? key : `${path}.${key}`)
    if (difference !== null) return difference
  }
  return null
}

/** Others may add containers, volumes and ports, but no words to a command. */
function inList(wanted: readonly unknown[], live: unknown, path: string): string | null {
  if (live === undefined && wanted.length === 0) return null
  if (!Array.isArray(live)) return path
  const items = live as readonly unknown[]
  const byName = wanted.every((item) => nameOf(item) !== undefined)
  if (!wanted.every(isTable) && items.length !== wanted.length) return path
  for (const [index, item] of wanted.entries()) {
    const there = byName ? items.find((one) => nameOf(one) === nameOf(item)) : items[index]
    const place = `${path}[${index}]`
    const difference = there === undefined ? place : firstDifference(item, there, place)
    if (difference !== null) return difference
  }
  return null
}

function nameOf(item: unknown): unknown {
  return isTable(item) ? item['name'] : undefined
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === 0 || value === false
}

function sameQuantity(wanted: unknown, live: unknown): boolean {
  if (typeof live !== 'string') return false
  const [a, b] = [readQuantity(wanted), readQuantity(live)]
  return a !== null && a === b
}
