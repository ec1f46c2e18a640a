import { readFile } from 'node:fs/promises'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { ZodType } from 'zod'
import { Fault } from './errors.ts'
import { inTime, TooSlow } from './in-time.ts'
import { NotPlain, readPlain } from './plain-files.ts'
import { tooMuch } from './yaml-file/bounds.ts'
import { salvage, type StandIns } from './yaml-file/salvage.ts'
import { schemaFaults } from './yaml-file/schema-faults.ts'

/** Something to mend in a file; `message` says what is wrong and what to write. */
export interface FileFault {
  file: string
  line: number
  column: number
  message: string
}

/** The first of them, and how many more there are; `otherwise` where none is told. */
export function faultOf([first, ...more]: readonly FileFault[], otherwise: string): Fault {
  const rest = more.length > 0 ? ` (and ${more.length} more: run "bin/shambhala lint")` : ''
  return new Fault(`${first ? `${first.file}:${first.line}: ${first.message}` : otherwise}${rest}`)
}

export interface YamlFile<T> {
  value: T
  /** A fault at the place of a key; `at`: an offset into the text that stands there. */
  fault(path: readonly PropertyKey[], message: string, at?: number): FileFault
  /** False where parts of the value were replaced, since they do not fit the schema. */
  whole: boolean
}

/** Of one file; nobody mends more at once. */
const mostFaults = 100
const longestMessage = 1000
const composingMs = 30_000

interface Place {
  /** The folder that it may not lead out of; anywhere when not said. */
  root: string
  maxBytes: number
}

interface ReadOptions {
  /** Give what can be read of a file that does not fit its schema, with these in place of what is missing in it. */
  standIns?: StandIns
}

/** Reads and parses a YAML file; its faults are added, and null returned. `missing` is said where it is not there. */
export async function readYaml<T>(
  path: string,
  schema: ZodType<T>,
  faults: FileFault[],
  { within, missing, ...options }: ReadOptions & { within?: Place; missing?: string } = {},
): Promise<YamlFile<T> | null> {
  const whyNot = (message: string) => {
    faults.push({ file: path, line: 1, column: 1, message })
    return null
  }
  try {
    const read = within ? readPlain(within.root, path, within.maxBytes) : readFile(path).catch(() => null)
    const text = (await read)?.toString('utf8')
    return text === undefined
      ? whyNot(missing ?? 'this file is missing')
      : parseYamlFile(path, text, schema, faults, options)
  } catch (error) {
    if (error instanceof NotPlain) return whyNot(error.message)
    throw error
  }
}

/** Parses a text that anybody may have written. Throws `Fault`, with what is too much, and `TooSlow`. */
export function composeYaml(text: string, lines?: LineCounter): Document {
  return inTime(composingMs, () => {
    const fault = tooMuch(text)
    if (fault !== null) throw new Fault(fault)
    return parseDocument(text, { ...(lines && { lineCounter: lines }), prettyErrors: false })
  })
}

/** The same for a text that is not in the file as it stands, such as a rendered one. */
export function parseYamlFile<T>(
  path: string,
  text: string,
  schema: ZodType<T>,
  faults: FileFault[],
  options: ReadOptions = {},
): YamlFile<T> | null {
  const found: FileFault[] = []
  try {
    return inTime(composingMs, () => parseWhole(path, text, schema, found, options))
  } catch (error) {
    if (!(error instanceof Fault || error instanceof TooSlow)) throw error
    found.push({ file: path, line: 1, column: 1, message: error.message })
    return null
  } finally {
    const more = found.length - mostFaults
    faults.push(...found.slice(0, mostFaults).map(cut))
    if (more > 0) faults.push({ file: path, line: 1, column: 1, message: `and ${more} more` })
  }
}

function cut(fault: FileFault): FileFault {
  const { message } = fault
  return message.length > longestMessage
    ? { ...fault, message: `${message.slice(0, longestMessage)}…` }
    : fault
}

function parseWhole<T>(
  path: string,
  text: string,
  schema: ZodType<T>,
  faults: FileFault[],
  { standIns }: ReadOptions,
): YamlFile<T> | null {
  const lines = new LineCounter()
  const document = composeYaml(text, lines)
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0) {
    for (const error of document.errors) faults.push({ ...at(error.pos[0]), message: error.message })
    return null
  }
  const fault: YamlFile<T>['fault'] = (keys, message, offset = 0) => ({
    ...at(placeOf(document, text, keys, offset)),
    message,
  })
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    faults.push({ ...at(0), message: (error as Error).message })
    return null
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return { value: parsed.data, fault, whole: true }
  const told = schemaFaults(parsed.error.issues, schema)
  // Finding a place goes through all keys before it.
  for (const [index, { path: keys, message }] of told.entries()) {
    const says = `${keys.join('.') || 'the file'}: ${message}`
    faults.push(index < mostFaults ? fault(keys, says) : { file: path, line: 1, column: 1, message: says })
  }
  const rest = standIns ? salvage(content, schema, standIns) : null
  return rest === null ? null : { value: rest, fault, whole: false }
}

/** The nearest node that exists: a missing key is reported where it should stand. */
function placeOf(document: Document, text: string, keys: readonly PropertyKey[], offset: number): number {
  for (let length = keys.length; length >= 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true)
    if (!isNode(node) || !node.range) continue
    if (length < keys.length) return node.range[0]
    if (isMap(document.getIn(keys.slice(0, -1), true)) && !isScalar(node)) return keyPlace(document, keys)
    if (offset === 0 || !isScalar(node) || typeof node.value !== 'string') return node.range[0]
    return placeIn(text, node.range[0], node.value, offset)
  }
  return 0
}

/** Maps and lists begin below their key, where nobody would look. */
function keyPlace(document: Document, keys: readonly PropertyKey[]): number {
  const map = document.getIn(keys.slice(0, -1), true)
  if (!isMap(map)) return 0
  const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === String(keys.at(-1)))
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : (map.range?.[0] ?? 0)
}

/** Where a character of a value stands in the file: quotes, folds and indentation are no part of the value. */
function placeIn(text: string, start: number, value: string, offset: number): number {
  const isBlock = text[start] === '>' || text[start] === '|'
  let place = isBlock ? text.indexOf('\n', start) + 1 : start
  for (let index = 0; index <= offset && index < value.length; index += 1) {
    const isSpace = value[index] === ' '
    while (place < text.length && text[place] !== value[index] && !(isSpace && text[place] === '\n'))
      place += 1
    if (index < offset) place += 1
  }
  return Math.min(place, text.length - 1)
}
