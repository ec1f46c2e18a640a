import { createHash } from 'node:crypto'
import type { KubeObject } from '../../board/cluster/types.ts'
import type { NamespaceContents } from './namespace-contents.ts'
import type { PodSpec } from './shapes.ts'
import { nameOf } from './words.ts'

/** Annotations that controllers write, some with every status. */
const byControllers =
  /^(deployment|pv|volume|volume\.beta|control-plane\.alpha|endpoints|batch|deprecated\.daemonset\.template)\.(kubernetes\.io\/|generation$)/

/**
 * What a person wrote of these objects and of what belongs to them: no status, no versions, nothing that a scheduler or a volume's
 * controller fills in. Of what controllers make, only which containers were asked for, since it comes and goes under new names.
 */
export function madeOf(objects: readonly KubeObject[], own: NamespaceContents): string[] {
  const belonging = [...own.workloads, ...own.services, ...own.ingresses, ...own.claims, ...own.pods]
  const written = [...objects, ...belonging].filter((one) => !isControlled(one)).map(tell)
  const made = objects.filter(isControlled).map(tellContainers)
  return [...new Set([...written, ...made])].sort()
}

function isControlled({ metadata }: KubeObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) === true
}

function tell(object: KubeObject): string {
  const { metadata, ...rest } = object
  delete rest['status']
  const { uid, labels, annotations = {}, deletionTimestamp } = metadata
  const own = Object.entries(annotations).filter(([key]) => !byControllers.test(key))
  const spec = { ...(rest['spec'] as Record<string, unknown> | undefined) }
  if (object.kind === 'Pod') delete spec['nodeName']
  if (object.kind === 'PersistentVolumeClaim') delete spec['volumeName']
  return digest(object, { ...rest, spec, uid, labels, own, going: deletionTimestamp !== undefined })
}

function tellContainers(object: KubeObject): string {
  const spec = object['spec'] as (PodSpec & { template?: { spec?: PodSpec } }) | undefined
  const { containers = [], initContainers = [] } = spec?.template?.spec ?? spec ?? {}
  // The volume of a service account's token has another name in every pod.
  const asked = [...containers, ...initContainers].map((one) => ({ ...one, volumeMounts: undefined }))
  return digest({ ...object, metadata: { name: '' } }, asked)
}

function digest(object: KubeObject, content: unknown): string {
  return `${nameOf(object)} ${createHash('sha256').update(JSON.stringify(content)).digest('base64url')}`
}
