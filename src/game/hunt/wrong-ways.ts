import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Challenge } from '../../core/challenge.ts'
import { Fault } from '../../lib/errors.ts'

/** `wrong/NAME/expect.yaml`. */
export const wrongExpectation = z.strictObject({
  /** Position of the check, from 0, or its English name. */
  check: z.union([z.int().min(0), z.string().min(1)]),
  /** The English message of the finding, or a part of it. */
  finding: z.string().min(1),
})
export type WrongExpectation = z.infer<typeof wrongExpectation>

export interface WrongWay {
  name: string
  script: string
  expect: WrongExpectation
}

/** The ways that the author knows players take and that must not pass. Throws `Fault` where `expect.yaml` cannot be used. */
export async function wrongWaysOf(challenge: Challenge): Promise<WrongWay[]> {
  const folder = join(challenge.folder, 'wrong')
  const names = (await readdir(folder).catch(() => [])).sort()
  return await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name, 'expect.yaml')
      const text = await readFile(file, 'utf8').catch(() => {
        throw new Fault(`${file} is missing: write "check:" and "finding:" in it.`)
      })
      const parsed = wrongExpectation.safeParse(parse(text))
      if (!parsed.success) throw new Fault(`${file}: ${z.prettifyError(parsed.error)}`)
      return { name, script: join(folder, name, 'solve.sh'), expect: parsed.data }
    }),
  )
}

export function solutionOf(challenge: Challenge): string {
  return join(challenge.folder, 'solution', 'solve.sh')
}
