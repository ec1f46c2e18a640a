import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { RegistrySettings } from '../../src/core/board-file.ts'
import { endChild } from '../../src/lib/process.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { tool } from './board/tools.ts'
import { boardFor, installedCluster } from './cluster.ts'
import type { NodeBoard } from './node.ts'

/** What `prove --format json` says. */
export const proof = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      challenge: z.string(),
      kind: z.string(),
      name: z.string(),
      ok: z.boolean(),
      why: z.string().optional(),
    }),
  ),
})

/** Writes a board.yaml for the node into a folder, with roles and policies in place; gives its path. */
export async function nodeBoardFile(
  { kubeconfig, ingress }: NodeBoard,
  folder: string,
  registry?: RegistrySettings,
): Promise<string> {
  const { className, address, httpPort, httpsPort } = ingress
  const file = boardFor(kubeconfig, {
    ingress: {
      domain: 'play.test',
      namespace: 'ingress',
      annotations: [],
      className,
      address,
      httpPort,
      httpsPort,
    },
  })
  const cluster = await installedCluster(file)
  cluster.close()
  const path = join(folder, 'board.yaml')
  await writeFile(path, stringify({ ...file, ...(registry && { registry }) }))
  return path
}

export interface Proved {
  code: number
  output: string
  errors: string
}

interface Proving {
  interrupt(): void
  ended: Promise<Proved>
}

/** Starts `bin/shambhala prove` on these stages. */
export function startProof(
  stages: readonly string[],
  challenges: string,
  env: Readonly<Record<string, string>>,
): Proving {
  return startProve([...stages, '--folder', challenges, '--yes', '--format', 'json'], env)
}

/** Starts `bin/shambhala prove` with these arguments. */
export function startProve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Proving {
  const root = packageRoot()
  const main = join(root, 'src', 'main.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'prove', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<Proved>((done) =>
    child.once('close', (status) => done({ code: status ?? 1, output, errors })),
  )
  return { interrupt: () => void endChild(child, 'SIGINT'), ended }
}

/** The same with the programs of the test board, to its end. */
export async function prove(...[stages, challenges, env]: Parameters<typeof startProof>): Promise<Proved> {
  return await startProof(stages, challenges, { SHAMBHALA_TOOLS: dirname(tool('helm3')), ...env }).ended
}

/** Every step is as it must be, and of each stage there is one of each kind. */
export function assertProven(
  { code, output, errors }: Proved,
  stages: readonly string[],
  kinds: readonly string[],
): void {
  const { ok, steps } = proof.parse(JSON.parse(output || '{}'))
  const wrong = steps.filter((step) => !step.ok)
  assert.deepEqual(wrong, [], `${JSON.stringify(wrong)} ${errors}`)
  assert.deepEqual([ok, code], [true, 0], errors)
  for (const stage of stages) {
    const seen = steps.filter(({ challenge }) => challenge === stage).map(({ kind }) => kind)
    for (const kind of kinds) assert.ok(seen.includes(kind), `${stage}: no ${kind}`)
  }
}
