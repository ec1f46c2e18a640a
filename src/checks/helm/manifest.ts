import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../board/cluster/types.ts'
import { PlayerFault, TooLarge } from '../../lib/errors.ts'
import { measure } from '../../lib/measure.ts'
import { helmYaml } from './yaml.ts'

const maxCharacters = 128 * 1024
const maxObjects = 100
const maxAliases = 50
/** What the player types to see the text. */
const command = 'helm get manifest'

/** The objects of a release, as Helm sends them to the API server. Malformed text is a `PlayerFault`. */
export function parseManifest(text: string): KubeObject[] {
  if (text.length > maxCharacters)
    throw new TooLarge(
      `${command} gives more than ${maxCharacters} characters.`,
      `${command} donne plus de ${maxCharacters} caractères.`,
    )
  const objects = parseDocuments(text).flatMap(flatten)
  if (objects.length > maxObjects)
    throw new TooLarge(
      `${command} gives more than ${maxObjects} objects.`,
      `${command} donne plus de ${maxObjects} objets.`,
    )
  for (const object of objects) if (!isObject(object)) throw strange()
  return objects as KubeObject[]
}

function parseDocuments(text: string): unknown[] {
  let values: unknown[]
  try {
    values = [...parseAllDocuments(text, helmYaml)].map((document) => {
      if (document.errors[0]) throw document.errors[0]
      return document.toJS({ maxAliasCount: maxAliases }) as unknown
    })
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : ''
    if (why.startsWith('Maximum call stack')) throw tooDeep()
    throw new PlayerFault(
      `${command} gives no valid YAML: ${why}`,
      `${command} ne donne pas du YAML valide : ${why}`,
    )
  }
  measure(command, values)
  return values.filter((value) => value !== null && value !== undefined)
}

/** A document may be a list of objects. */
function flatten(value: unknown): unknown[] {
  const { kind, items } = value as { kind?: unknown; items?: unknown }
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value]
}

/** Names go into addresses of the API server: nothing but names gets through. */
function isObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { apiVersion, kind, metadata } = value as Partial<KubeObject>
  const name: unknown = metadata?.name
  return (
    typeof apiVersion === 'string' &&
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?v[a-z0-9]{1,30}$/.test(apiVersion) &&
    typeof kind === 'string' &&
    /^[A-Z][A-Za-z0-9]{0,62}$/.test(kind) &&
    typeof name === 'string' &&
    /^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/.test(name)
  )
}

function strange(): PlayerFault {
  return new PlayerFault(
    `${command} gives something that is no object with apiVersion, kind and metadata.name.`,
    `${command} donne quelque chose qui n’est pas un objet avec apiVersion, kind et metadata.name.`,
  )
}

function tooDeep(): TooLarge {
  return new TooLarge(
    `${command} gives YAML that is nested too deeply.`,
    `${command} donne du YAML trop imbriqué.`,
  )
}
