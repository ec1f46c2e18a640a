import type { KindRef, KubeObject, NamespaceReader, ObjectList } from '../../board/cluster/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import { changedAt } from '../kubernetes/changed.ts'
import { malformed, type Blob } from './decode.ts'
import type { Labelled } from './release.ts'

export type Driver = 'secret' | 'configmap'
/** `at`: when its object was written last, in milliseconds. */
export type Revision = Labelled & Blob & { at: number }

export interface Found {
  driver: Driver
  /** Newest first. */
  revisions: [Revision, ...Revision[]]
}

/** Revisions of one release at most; Helm itself keeps ten. */
export const mostRevisions = 200

const kinds: Readonly<Record<Driver, KindRef>> = {
  secret: { apiVersion: 'v1', kind: 'Secret' },
  configmap: { apiVersion: 'v1', kind: 'ConfigMap' },
}

/** Where the release is stored, and its revisions, newest first; null where neither driver stores it. */
export async function findRevisions(
  reader: NamespaceReader,
  release: string,
  signal: AbortSignal,
): Promise<Found | null> {
  for (const driver of ['secret', 'configmap'] as const) {
    const { items, truncated } = await listRevisions(reader, { driver, release, signal })
    if (truncated) throw tooMany(release)
    const [newest, ...older] = newestFirst(items.map((item) => revisionOf(item, reader.namespace, driver)))
    if (newest) return { driver, revisions: [newest, ...older] }
  }
  return null
}

/** By the number, as Helm does: the API gives v10 before v9. */
export function newestFirst<T extends { revision: number }>(revisions: readonly T[]): T[] {
  return [...revisions].sort((a, b) => b.revision - a.revision)
}

/** Helm finds a revision by its labels and reads it by its name: an object in which they differ was not written by Helm. */
export function revisionOf(object: KubeObject, namespace: string, driver: Driver): Revision {
  const { name, labels = {} } = object.metadata
  const release = labels['name'] ?? ''
  const revision = Number(labels['version'])
  const shown = `${kinds[driver].kind} ${name}`
  if (!Number.isSafeInteger(revision) || revision < 1 || name !== storedName(release, revision))
    throw malformed(
      shown,
      `its labels belong to ${storedName(release.slice(0, 60), revision)}`,
      `ses labels sont ceux de ${storedName(release.slice(0, 60), revision)}`,
    )
  const data = (object['data'] as Record<string, string> | undefined)?.['release']
  const status = labels['status'] ?? ''
  const at = changedAt(object)
  return { object: shown, name: release, namespace, revision, status, data, secret: driver === 'secret', at }
}

function storedName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`
}

/** Tells whether helm has gone on since `newest` was read, so that what was seen meanwhile says nothing about it. */
export async function hasGoneOn(
  reader: NamespaceReader,
  { driver, revisions }: Found,
  signal: AbortSignal,
): Promise<boolean> {
  const [{ name, revision, status }] = revisions
  const [now, next] = await Promise.all(
    [revision, revision + 1].map((one) => reader.get(kinds[driver], storedName(name, one), signal)),
  )
  return next !== null || now?.metadata.labels?.['status'] !== status
}

async function listRevisions(
  reader: NamespaceReader,
  { driver, release, signal }: { driver: Driver; release: string; signal: AbortSignal },
): Promise<ObjectList> {
  const options = { labelSelector: `owner=helm,name=${release}`, items: mostRevisions }
  try {
    return await reader.list(kinds[driver], options, signal)
  } catch (error) {
    throw error instanceof TooLarge ? tooMany(release) : error
  }
}

function tooMany(release: string): TooLarge {
  return new TooLarge(
    `Release ${release} has too many or too large revisions: at most ${mostRevisions} are read, and 16 MiB together. Uninstall it and install it again.`,
    `La release ${release} a trop de révisions, ou de trop grandes : on en lit ${mostRevisions} au plus, et 16 Mio en tout. Désinstalle-la et réinstalle-la.`,
  )
}
