import { extname } from 'node:path'
import { isScalar, parseAllDocuments, visit, YAMLParseError, type YAMLMap } from 'yaml'
import type { RepositoryReader } from '../../board/forge/types.ts'
import { textOrNull } from '../../lib/decode-text.ts'
import { PlayerFault, TooLarge } from '../../lib/errors.ts'
import { measure } from '../../lib/measure.ts'
import type { Entry } from './tree.ts'

const maxText = 256 * 1024
const maxData = 64 * 1024
const maxAliases = 50

/** Content of those `paths` that are files or links, as text. */
export async function readText(
  reader: RepositoryReader,
  entries: readonly Entry[],
  paths: readonly string[],
): Promise<Record<string, string>> {
  return Object.fromEntries(await readEach(reader, entries, paths, maxText))
}

/** Parsed content of those `paths` that are files. Malformed content throws `PlayerFault`. */
export async function readData(
  reader: RepositoryReader,
  entries: readonly Entry[],
  paths: readonly string[],
): Promise<Record<string, unknown>> {
  const texts = await readEach(reader, entries, paths, maxData)
  return Object.fromEntries(texts.map(([path, text]) => [path, parseData(path, text)]))
}

async function readEach(
  reader: RepositoryReader,
  entries: readonly Entry[],
  paths: readonly string[],
  maxBytes: number,
): Promise<[string, string][]> {
  const wanted = new Set(paths)
  const found = entries.filter((entry) => wanted.has(entry.path) && entry.mode !== '160000')
  return Promise.all(
    found.map(async ({ path, sha, size }): Promise<[string, string]> => {
      if (size > maxBytes)
        throw new TooLarge(
          `${path} has ${size} bytes; at most ${maxBytes} are read.`,
          `${path} fait ${size} octets ; on en lit ${maxBytes} au plus.`,
        )
      return [path, textOf(path, await reader.contents(sha, maxBytes))]
    }),
  )
}

function textOf(path: string, content: Buffer | null): string {
  const text = textOrNull(content ?? Buffer.alloc(0))
  if (text !== null) return text
  throw new PlayerFault(
    `${path} is no plain text: it holds NUL bytes. Save it as UTF-8.`,
    `${path} n’est pas du texte simple : il contient des octets nuls. Enregistre-le en UTF-8.`,
  )
}

/** JSON by its extension, YAML otherwise: depth, aliases and number of values are bounded. */
export function parseData(path: string, text: string): unknown {
  const isJson = extname(path).toLowerCase() === '.json'
  let value: unknown
  try {
    value = isJson ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    const [format, why] = [isJson ? 'JSON' : 'YAML', whyNot(error, text)]
    throw new PlayerFault(
      `${path} is not valid ${format}: ${why}`,
      `${path} n’est pas du ${format} valide : ${why}`,
    )
  }
  measure(path, value)
  return value
}

function whyNot(error: unknown, text: string): string {
  const why = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : ''
  if (why.startsWith('Maximum call stack')) return 'it is nested too deeply.'
  const line = error instanceof YAMLParseError ? text.slice(0, error.pos[0]).split('\n').length : undefined
  return line === undefined ? why : `${why} (line ${line})`
}

/** Pretty errors and the library's own look for repeated keys take quadratic time on hostile input. */
function parseYaml(text: string): unknown {
  const options = { schema: 'core', logLevel: 'silent', prettyErrors: false, uniqueKeys: false } as const
  const values = [...parseAllDocuments(text, options)].map((document) => {
    if (document.errors[0]) throw document.errors[0]
    visit(document, { Map: (_, map) => refuseRepeatedKeys(map) })
    return document.toJS({ maxAliasCount: maxAliases }) as unknown
  })
  return values.length > 1 ? values : (values[0] ?? null)
}

function refuseRepeatedKeys({ items, range }: YAMLMap): void {
  const seen = new Set<unknown>()
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : key
    const at = (isScalar(key) && key.range ? key.range : range) ?? [0, 0]
    if (seen.has(name)) throw new YAMLParseError([at[0], at[1]], 'DUPLICATE_KEY', 'Map keys must be unique')
    seen.add(name)
  }
}
