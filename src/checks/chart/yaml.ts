import { parseAllDocuments } from 'yaml'
import { PlayerFault } from '../../lib/errors.ts'
import { measure } from '../../lib/measure.ts'
import { helmYaml } from '../helm/yaml.ts'
import { tooLarge } from './fault.ts'

const maxCharacters = 256 * 1024
const maxAliases = 50

/** The keys of a file of a chart; `{}` where it is empty. Size, depth, aliases and number of values are bounded. */
export function readKeys(file: string, text: string): Record<string, unknown> {
  if (text.length > maxCharacters)
    throw tooLarge(file, `${maxCharacters} characters`, `${maxCharacters} caractères`)
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : ''
    const deep = said.startsWith('Maximum call stack')
    throw new PlayerFault(
      `${file} of the chart is not valid YAML: ${deep ? 'it is nested too deeply' : said}`,
      `${file} du chart n’est pas du YAML valide : ${deep ? 'il est trop imbriqué' : said}`,
    )
  }
  measure(file, value)
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new PlayerFault(
    `${file} of the chart holds no keys with values: write it as \`key: value\`, in one document.`,
    `${file} du chart ne contient pas de clés avec leurs valeurs : écris-le sous la forme \`clé: valeur\`, en un seul document.`,
  )
}

function parse(text: string): unknown {
  const values = [...parseAllDocuments(text, helmYaml)].map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS({ maxAliasCount: maxAliases }) as unknown
  })
  return values.length > 1 ? values : values[0]
}
