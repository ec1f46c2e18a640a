import type { ClusterSettings } from '../../core/board-file.ts'
import type { Connection } from './connection.ts'
import { canary } from './canary.ts'
import { ApiFailure } from './failure.ts'
import { unlike, wantedObjects } from './plan.ts'
import type { Objects } from './objects.ts'
import { describeRights, reviewRights } from './rights.ts'
import type { BoardFinding } from './types.ts'

const oldestMinor = 30
const installed = new Set(['ClusterRole', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'])

/** What `board check` tells of one cluster, in words for its organizer. Throws `Inconclusive` when it does not answer at all. */
export async function inspectCluster(
  connection: Connection,
  objects: Objects,
  settings: ClusterSettings,
): Promise<BoardFinding[]> {
  return [
    await inspectVersion(connection),
    ...(await inspectRights(connection)),
    ...(await unlessRefused('policies', () => inspectInstalled(objects, settings))),
    ...(await unlessRefused('ingress', () => inspectIngress(objects, settings))),
    ...(await unlessRefused('storage', () => inspectStorage(objects, settings))),
    ...(await unlessRefused('network', () => inspectNetwork(objects, settings))),
  ]
}

/** What the master may not look at is a fault of that part; the others are told all the same. */
async function unlessRefused(
  part: string,
  inspect: () => Promise<BoardFinding | BoardFinding[]>,
): Promise<BoardFinding[]> {
  try {
    return [await inspect()].flat()
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    return [{ part, level: 'fault', message: `cannot be looked at: ${error.message}` }]
  }
}

function ok(part: string, message: string): BoardFinding {
  return { part, level: 'ok', message }
}

async function inspectVersion(connection: Connection): Promise<BoardFinding> {
  const { gitVersion, minor } = await connection.json<{ gitVersion: string; minor: string }>('/version')
  const part = 'API server'
  if (Number.parseInt(minor, 10) < oldestMinor)
    return {
      part,
      level: 'fault',
      message: `${gitVersion} has no ValidatingAdmissionPolicy in force: 1.${oldestMinor} or later is needed`,
    }
  return ok(part, `${connection.server} answers, ${gitVersion}`)
}

async function inspectRights(connection: Connection): Promise<BoardFinding[]> {
  const { missing, excess } = await reviewRights(connection)
  const part = 'rights'
  const findings: BoardFinding[] = []
  if (missing.length > 0)
    findings.push({ part, level: 'fault', message: `the master lacks: ${describeRights(missing)}` })
  if (excess.length > 0)
    findings.push({
      part,
      level: 'warning',
      message: `the master may do more than it needs: ${describeRights(excess)}; use the service account that "board install" makes`,
    })
  return findings.length > 0 ? findings : [ok(part, 'what is needed and no more')]
}

async function inspectInstalled(objects: Objects, settings: ClusterSettings): Promise<BoardFinding> {
  // The account and its binding are seen by the rights that it has.
  const wanted = wantedObjects(settings).filter(({ kind }) => installed.has(kind))
  const open = await unlike(objects, wanted)
  const part = 'policies'
  if (open.length === 0)
    return ok(part, `roles and admission policies are in place (${wanted.length} objects)`)
  const names = open.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')
  return {
    part,
    level: 'fault',
    message: `missing or changed: ${names}; run "bin/shambhala board install"`,
  }
}

async function inspectIngress(objects: Objects, { ingress }: ClusterSettings): Promise<BoardFinding[]> {
  const part = 'ingress'
  if (!ingress)
    return [{ part, level: 'warning', message: 'none: stages that expose something cannot be played' }]
  const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' }
  const found = await objects.get(kind, ingress.className)
  if (!found)
    return [
      { part, level: 'fault', message: `there is no ingress class ${ingress.className} in the cluster` },
    ]
  return [ok(part, `class ${ingress.className}, players below *.${ingress.domain}`)]
}

async function inspectStorage(objects: Objects, { storageClass }: ClusterSettings): Promise<BoardFinding[]> {
  if (storageClass === undefined) return []
  const part = 'storage'
  const kind = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }
  if (await objects.get(kind, storageClass)) return [ok(part, `class ${storageClass}`)]
  return [{ part, level: 'fault', message: `there is no storage class ${storageClass} in the cluster` }]
}

async function inspectNetwork(objects: Objects, settings: ClusterSettings): Promise<BoardFinding> {
  const part = 'network'
  if (settings.networkPolicies === 'unenforced')
    return {
      part,
      level: 'warning',
      message: 'board.yaml accepts a network without policies: players reach each other',
    }
  if (settings.probeImage === undefined)
    return {
      part,
      level: 'warning',
      message:
        'not probed: name an image with a busybox by probeImage, so that a network plugin that enforces nothing is found',
    }
  const deployment = await objects.get(
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    canary.name,
    canary.namespace,
  )
  const { readyReplicas = 0 } = (deployment?.['status'] ?? {}) as { readyReplicas?: number }
  if (readyReplicas > 0)
    return ok(part, 'the canary answers; every workspace is probed before it is handed over')
  return {
    part,
    level: 'fault',
    message: 'the canary does not run: nothing proves that policies are enforced',
  }
}
