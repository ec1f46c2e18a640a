import { join } from 'node:path'
import { z } from 'zod'
import type { Challenge } from '../../core/challenge.ts'
import { huntBounds } from '../../core/hunt-bounds.ts'
import { namesIn } from '../../lib/plain-files.ts'
import { faultOf, readYaml, type FileFault, type YamlFile } from '../../lib/yaml-file.ts'

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
  const names = (await namesIn(challenge.folder, folder, huntBounds.wrongWays)) ?? []
  return await Promise.all(
    names.map(async (name) => {
      const faults: FileFault[] = []
      const expect = await readExpectation(challenge.folder, join(folder, name), faults)
      if (!expect) throw faultOf(faults, `wrong/${name}/expect.yaml cannot be read`)
      return { name, script: join(folder, name, 'solve.sh'), expect: expect.value }
    }),
  )
}

/** How the wrong way in `folder` is to fail; null where its faults say why that cannot be read. */
export async function readExpectation(
  root: string,
  folder: string,
  faults: FileFault[],
): Promise<YamlFile<WrongExpectation> | null> {
  const within = { root, maxBytes: huntBounds.yamlBytes }
  const missing = 'this file is missing: write "check:" and "finding:" in it'
  return await readYaml(join(folder, 'expect.yaml'), wrongExpectation, faults, { within, missing })
}

export function solutionOf(challenge: Challenge): string {
  return join(challenge.folder, 'solution', 'solve.sh')
}
