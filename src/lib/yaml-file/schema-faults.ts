import { z, type ZodType } from 'zod'
import { suggestion } from '../nearest.ts'

const mostKeys = 200

export interface SchemaFault {
  path: PropertyKey[]
  /** What is wrong, and what to write. */
  message: string
}

/** What a schema has to say against a value, one fault for each place. */
export function schemaFaults(issues: readonly z.core.$ZodIssue[], schema: ZodType): SchemaFault[] {
  return issues.flatMap((issue) => faultsOf(issue, schema))
}

function faultsOf(issue: z.core.$ZodIssue, schema: ZodType): SchemaFault[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(schema, path))
    // A suggestion for each of them would take long.
    return issue.keys.slice(0, mostKeys).map((key) => ({
      path: [...path, key],
      message: `there is no key ${key} here${suggestion(key, known)}; there are: ${known.join(', ')}`,
    }))
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }]
  if (issue.code === 'invalid_union') return unionFaults(issue, schemaAt(schema, path))
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return [{ path, message: 'is missing' }]
  return [{ path, message: issue.message }]
}

/** Of several shapes, the one whose keys were written tells what is wrong in it; where none was, all are named. */
function unionFaults(issue: z.core.$ZodIssueInvalidUnion, schema: ZodType | undefined): SchemaFault[] {
  const options = schema instanceof z.ZodUnion ? (schema.options as ZodType[]) : []
  const index = issue.errors.findIndex((errors) => errors.every((one) => isInside(one)))
  const [errors, option] = [issue.errors[index], options[index]]
  if (errors && option)
    return schemaFaults(errors, option).map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] }))
  const keys = options.map((one) => keysOf(one)[0]).filter((key) => key !== undefined)
  return [{ path: issue.path, message: keys.length > 0 ? `write one of: ${keys.join(', ')}` : issue.message }]
}

/** Something is wrong within a key that is there: the shape itself was meant. */
function isInside(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 && !issue.message.endsWith('received undefined')
}

function schemaAt(schema: ZodType, path: readonly PropertyKey[]): ZodType | undefined {
  let at: ZodType | undefined = bare(schema)
  for (const key of path) at = at && bare(inside(at, key))
  return at
}

function inside(schema: ZodType, key: PropertyKey): ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, ZodType>)[key]
  if (schema instanceof z.ZodArray) return schema.element as ZodType
  if (schema instanceof z.ZodRecord) return schema.valueType as ZodType
  if (schema instanceof z.ZodUnion)
    return (schema.options as ZodType[]).map((option) => inside(option, key)).find((found) => found)
  return undefined
}

function bare(schema: ZodType | undefined): ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return bare(schema.unwrap() as ZodType)
  return schema
}

function keysOf(schema: ZodType | undefined): string[] {
  if (schema instanceof z.ZodUnion) return [...new Set((schema.options as ZodType[]).flatMap(keysOf))]
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}
