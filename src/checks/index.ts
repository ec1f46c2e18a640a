import { readdir } from 'node:fs/promises'
import { ZodType } from 'zod'
import { Fault } from '../lib/errors.ts'
import type { CheckKind, CheckKinds } from './check.ts'

const here = new URL('./', import.meta.url)

/** Every kind of check: one file of this folder each. A file that is none, or bears another's name, is a `Fault`. */
export async function loadChecks(folder: URL = here): Promise<CheckKinds> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /^[a-z]+\.[jt]s$/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => !/^(check|index)\./.test(name))
    .sort()
  const kinds = await Promise.all(names.map((name) => loadCheck(folder, name)))
  return new Map(kinds.map((kind) => [kind.kind, kind]))
}

async function loadCheck(folder: URL, file: string): Promise<CheckKind<unknown, unknown>> {
  const module = (await import(new URL(file, folder).href)) as { check?: unknown }
  const name = file.replace(/\.[jt]s$/, '')
  if (!isCheckKind(module.check))
    throw new Fault(
      `checks/${file} exports no check: it needs \`check\` with kind, spec, facts, needs and look.`,
    )
  if (module.check.kind !== name)
    throw new Fault(`checks/${file} exports the kind ${module.check.kind}: name the file after its kind.`)
  return module.check
}

function isCheckKind(value: unknown): value is CheckKind<unknown, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { kind, spec, facts, needs, look } = value as Partial<CheckKind<unknown, unknown>>
  return (
    typeof kind === 'string' &&
    spec instanceof ZodType &&
    facts instanceof ZodType &&
    Array.isArray(needs) &&
    typeof look === 'function'
  )
}
