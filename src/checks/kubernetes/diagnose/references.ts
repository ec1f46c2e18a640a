import type { Problem } from '../../../core/problem.ts'
import type { NamespaceContents } from '../namespace-contents.ts'
import type { Pod } from '../shapes.ts'
import { brief } from '../words.ts'
import { problem } from './make.ts'

export interface Reference {
  kind: 'ConfigMap' | 'Secret'
  name: string
  /** The key that must be in it. */
  key?: string
}

const most = 40

/** The ConfigMaps and Secrets without which a pod cannot start. */
export function referencesOf({ spec }: Pod): Reference[] {
  const found: Reference[] = []
  const add = (
    kind: Reference['kind'],
    ref: { name?: string; key?: string; optional?: boolean } | undefined,
    keys: readonly (string | undefined)[] = [ref?.key],
  ) => {
    if (ref?.name === undefined || ref.optional) return
    for (const key of keys.length === 0 ? [undefined] : keys)
      found.push({ kind, name: ref.name, ...(key !== undefined && { key }) })
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('ConfigMap', configMapRef)
      add('Secret', secretRef)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('ConfigMap', valueFrom?.configMapKeyRef)
      add('Secret', valueFrom?.secretKeyRef)
    }
  }
  for (const { configMap, secret, projected } of spec.volumes ?? []) {
    const sources = [{ configMap, secret: secret && { ...secret, name: secret.secretName ?? '' } }]
    for (const source of [...sources, ...(projected?.sources ?? [])]) {
      add(
        'ConfigMap',
        source.configMap,
        source.configMap?.items?.map(({ key }) => key),
      )
      add(
        'Secret',
        source.secret,
        source.secret?.items?.map(({ key }) => key),
      )
    }
  }
  const distinct = new Map(found.map((one) => [`${one.kind}/${one.name}/${one.key ?? ''}`, one]))
  return [...distinct.values()].slice(0, most)
}

export function missingReferences(pod: Pod, object: string, contents: NamespaceContents): Problem[] {
  const missing = new Map<string, Problem>()
  for (const { kind, name, key } of referencesOf(pod)) {
    const place = `${kind}/${name}`
    const keys = contents.named.get(place)
    if (keys === undefined) continue
    if (keys === null) missing.set(place, absent(object, kind, name))
    else if (key !== undefined && !keys.includes(key))
      missing.set(`${place}/${key}`, keyAbsent(object, { kind, name, key }, keys))
  }
  return [...missing.values()]
}

export function absent(object: string, kind: string, name: string): Problem {
  return problem(
    'config-missing',
    object,
    {
      en: `${object} names the ${kind} ${brief(name, 253)}, which does not exist in this namespace.`,
      fr: `${object} nomme le ${kind} ${brief(name, 253)}, qui n’existe pas dans ce namespace.`,
    },
    { kind, name: brief(name, 253) },
  )
}

function keyAbsent(
  object: string,
  { kind, name, key }: Required<Reference>,
  keys: readonly string[],
): Problem {
  const there = brief(keys.slice(0, 10).join(', '), 300)
  return problem(
    'key-missing',
    object,
    {
      en: `${object} wants the key ${brief(key, 253)} of the ${kind} ${name}, which has ${there || 'no keys'}.`,
      fr: `${object} veut la clé ${brief(key, 253)} du ${kind} ${name}, qui contient ${there || 'aucune clé'}.`,
    },
    { kind, name, key: brief(key, 253), keys: there },
  )
}
