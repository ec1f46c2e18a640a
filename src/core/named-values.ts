import { z, type ZodType } from 'zod'
import { suggestion } from '../lib/nearest.ts'

/** What templates may name, by its schemas. */
export type Names = Readonly<Record<string, ZodType>>

/** Why a template's `git.commits.0.sha` names nothing, or null where it may name something. */
export function unknownValue(names: Names, parts: readonly string[]): string | null {
  let type: ZodType = z.object(names)
  for (const [index, part] of parts.entries()) {
    const inner = bare(type)
    if (inner instanceof z.ZodObject) {
      const shape = inner.shape as Record<string, ZodType>
      const next = Object.hasOwn(shape, part) ? shape[part] : undefined
      const name = parts.slice(0, index + 1).join('.')
      const known = Object.keys(shape)
      if (!next)
        return `there is no ${name}${suggestion(part, known)}; there are: ${known.join(', ') || 'none'}`
      type = next
    } else if (inner instanceof z.ZodRecord) type = inner.valueType as ZodType
    else if (inner instanceof z.ZodArray) {
      if (!/^\d+$/.test(part))
        return `${parts.slice(0, index).join('.')} is a list: write .0 for its first item`
      type = inner.element as ZodType
    } else if (isPlain(inner)) return `${parts.slice(0, index).join('.')} has no parts`
    else return null
  }
  return null
}

function bare(type: ZodType): ZodType {
  const isWrapped =
    type instanceof z.ZodOptional || type instanceof z.ZodNullable || type instanceof z.ZodDefault
  return isWrapped ? bare(type.unwrap() as ZodType) : type
}

function isPlain(type: ZodType): boolean {
  return (
    type instanceof z.ZodString ||
    type instanceof z.ZodNumber ||
    type instanceof z.ZodBoolean ||
    type instanceof z.ZodEnum
  )
}
