import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import type { ClusterSettings } from '../../core/board-file.ts'
import { canaryObjects } from './canary.ts'
import { installObjects } from './install.ts'
import type { Objects } from './objects.ts'
import type { KubeObject, PlannedChange } from './types.ts'

/** The account that `board install` makes for the master, with the rights of its role and no others. */
export const masterAccount = { namespace: 'shambhala', name: 'master' }

export interface Planned extends PlannedChange {
  object: KubeObject
}

export function wantedObjects(settings: ClusterSettings): KubeObject[] {
  const { probeImage } = settings
  return [
    ...installObjects({ settings, account: masterAccount }),
    ...(probeImage === undefined ? [] : canaryObjects(probeImage)),
  ]
}

/** What an installation would change. The API server itself is asked, so that its defaults are not taken for changes. */
export async function planInstall(objects: Objects, wanted: readonly KubeObject[]): Promise<Planned[]> {
  const plan: Planned[] = []
  const born = new Set<string>()
  for (const object of wanted) {
    const { name, namespace } = object.metadata
    const there = await objects.get(object, name, namespace)
    if (object.kind === 'Namespace' && !there) born.add(name)
    // A dry run in a namespace that is not there yet is refused.
    const blind = namespace !== undefined && born.has(namespace)
    const after = blind ? object : await objects.apply(object, { dryRun: true })
    const same = there !== null && isDeepStrictEqual(bare(there), bare(after))
    plan.push({
      object,
      name: `${object.kind} ${name}`,
      change: there === null ? 'new' : same ? 'same' : 'changed',
      before: there === null ? '' : stringify(bare(there)),
      after: stringify(bare(after)),
    })
  }
  return plan
}

/** Those of the wanted objects that are not there, or not as they should be. Reading is enough for this. */
export async function unlike(objects: Objects, wanted: readonly KubeObject[]): Promise<KubeObject[]> {
  const found: KubeObject[] = []
  for (const object of wanted) {
    const there = await objects.get(object, object.metadata.name, object.metadata.namespace)
    if (!covers(there, object)) found.push(object)
  }
  return found
}

/** Whether all that is wanted is there; what the API server added does not matter. */
function covers(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    const list: unknown = there ?? []
    return (
      Array.isArray(list) &&
      list.length === wanted.length &&
      wanted.every((one, index) => covers(list[index], one))
    )
  }
  if (typeof wanted !== 'object' || wanted === null) return there === wanted
  if (typeof there !== 'object' || there === null) return isEmpty(wanted)
  return Object.entries(wanted).every(([key, value]) =>
    covers((there as Record<string, unknown>)[key], value),
  )
}

// The API server leaves empty lists and maps out.
function isEmpty(wanted: object): boolean {
  return Object.keys(wanted).length === 0
}

/** Without what changes by itself. */
function bare(object: KubeObject): Record<string, unknown> {
  const { name, namespace, labels, annotations } = object.metadata
  const fields = Object.entries(object).filter(([field]) => field !== 'metadata' && field !== 'status')
  return structuredClone({
    ...Object.fromEntries(fields),
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
  })
}
