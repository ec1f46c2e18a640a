import { readFile } from 'node:fs/promises'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { ZodType } from 'zod'
import { schemaFaults } from './schema-faults.ts'

/** Something to mend in a hunt's files; `message` says what is wrong and what to write. */
export interface FileFault {
  file: string
  line: number
  column: number
  message: string
}

export interface YamlFile<T> {
  value: T
  /** A fault at the place of a key; `at`: an offset into the text that stands there. */
  fault(path: readonly PropertyKey[], message: string, at?: number): FileFault
}

/** Reads and parses a YAML file; its faults are added, and null returned. */
export async function readYaml<T>(
  path: string,
  schema: ZodType<T>,
  faults: FileFault[],
): Promise<YamlFile<T> | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) {
    faults.push({ file: path, line: 1, column: 1, message: 'this file is missing' })
    return null
  }
  return parseYamlFile(path, text, schema, faults)
}

/** The same for a text that is not in the file as it stands, such as a rendered one. */
export function parseYamlFile<T>(
  path: string,
  text: string,
  schema: ZodType<T>,
  faults: FileFault[],
): YamlFile<T> | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0) {
    for (const error of document.errors) faults.push({ ...at(error.pos[0]), message: error.message })
    return null
  }
  const fault: YamlFile<T>['fault'] = (keys, message, offset = 0) => {
    // The nearest node that exists: a missing key is reported where it should stand.
    for (let length = keys.length; length >= 0; length -= 1) {
      const node = document.getIn(keys.slice(0, length), true)
      if (isNode(node) && node.range)
        return { ...at(node.range[0] + (length === keys.length ? offset : 0)), message }
    }
    return { ...at(0), message }
  }
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    faults.push({ ...at(0), message: (error as Error).message })
    return null
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return { value: parsed.data, fault }
  for (const { path: keys, message } of schemaFaults(parsed.error.issues, schema))
    faults.push(fault(keys, `${keys.join('.') || 'the file'}: ${message}`))
  return null
}
