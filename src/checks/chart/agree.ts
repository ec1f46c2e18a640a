import { PlayerFault } from '../../lib/errors.ts'
import type { Metadata } from './shapes.ts'
import type { Package } from './unpack.ts'
import { readKeys } from './yaml.ts'

type Keys = Readonly<Record<string, unknown>>

const named = ['name', 'version', 'appVersion', 'description', 'type'] as const
const ofDependencies = ['name', 'version', 'repository', 'alias'] as const

/** Helm installs by what is in the package and shows what is beside it: where the two differ, one of them was forged. */
export function mustAgree({ kept }: Package, metadata: Metadata): void {
  // Helm lets requirements.yaml, where charts of the first format list their dependencies, have the last word.
  const chart = ['Chart.yaml', 'requirements.yaml'].reduce<Keys>(
    (keys, file) => ({ ...keys, ...readKeys(file, kept.get(file) ?? '') }),
    {},
  )
  for (const key of named) if (!isSame(chart[key], metadata[key])) throw differs(key)
  const inside = listOf(chart['dependencies'])
  const beside = metadata.dependencies ?? []
  if (inside.length !== beside.length) throw differs('dependencies')
  for (const [index, dependency] of beside.entries())
    for (const key of ofDependencies)
      if (!isSame(inside[index]?.[key], dependency[key])) throw differs(`dependencies[${index}].${key}`)
}

function listOf(value: unknown): Keys[] {
  return Array.isArray(value) ? value.map((one) => (isKeys(one) ? one : {})) : []
}

function isKeys(value: unknown): value is Keys {
  return typeof value === 'object' && value !== null
}

/** Helm makes text of a number such as `1.20`, and takes line ends and unprintable characters out of every text. */
function isSame(inside: unknown, beside: string | null | undefined): boolean {
  const text = plain(beside ?? '')
  if (typeof inside === 'number') return text !== '' && Number(text) === inside
  if (typeof inside === 'boolean') return text === String(inside)
  return plain(typeof inside === 'string' ? inside : '') === text
}

function plain(text: string): string {
  return text.replaceAll(/[\s\p{C}\p{Z}]/gu, '')
}

function differs(key: string): PlayerFault {
  return new PlayerFault(
    `${key} in the chart’s Chart.yaml is not what was pushed beside it: package the chart again and push it with \`helm push\`.`,
    `${key} dans le Chart.yaml du chart n’est pas ce qui a été poussé à côté : refais le paquet du chart et pousse-le avec \`helm push\`.`,
  )
}
