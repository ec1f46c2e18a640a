import type { Request } from 'express'
import { Refusal } from '../../lib/errors.ts'
import type { FormState } from '../models/shell.ts'

export const emptyForm: FormState = { values: {}, errors: {} }

/** A field of a posted form: text, or '' where it is missing or came twice. */
export function field(req: Request, name: string): string {
  const value = (req.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

/** A field that has one of a few values. */
export function choice<Value extends string>(req: Request, name: string, values: readonly Value[]): Value {
  const given = field(req, name)
  const known = values.find((value) => value === given)
  if (known !== undefined) return known
  throw new Refusal(422, 'no-choice', `“${name}” is one of ${values.join(', ')}.`, {
    field: name,
    choices: values.join(', '),
  })
}

/** A form that came back: which field a refusal is about, by the beginning of its code. */
export function formOf(
  error: unknown,
  fields: Readonly<Record<string, readonly string[]>>,
  values: Record<string, string>,
): FormState {
  // A limit is about no field: its page says when to come back.
  if (!(error instanceof Refusal) || error.code === 'too-many') throw error
  const about = Object.entries(fields).find(([, codes]) => codes.some((code) => error.code.startsWith(code)))
  return {
    values,
    errors: { [about?.[0] ?? 'form']: { code: error.code, text: error.message, values: error.extra } },
  }
}
