import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { packageRoot } from '../../src/lib/root.ts'
import { boardImages, loadImage } from '../helpers/board/images.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { boardFor, installedCluster } from '../helpers/cluster.ts'
import { lacksNode, openNode, type NodeBoard } from '../helpers/node.ts'

const stages = ['cold-kitchen', 'charted-village', 'own-name']
const images = 'board.local/hunt/'
const proof = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      ...{ challenge: z.string(), kind: z.string(), name: z.string(), ok: z.boolean() },
      why: z.string().optional(),
    }),
  ),
})

test(
  'The stages on the cluster are proven on a real node: every solution passes, every wrong way fails where it says',
  { skip: lacksNode() || lacksTools('helm3', 'helm4', 'kubectl', 'village') },
  async (t) => {
    const board = await openNode()
    await loadVillage(board)
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-prove-board-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const challenges = join(folder, 'challenges')
    await cp(join(packageRoot(), 'challenges'), challenges, { recursive: true })
    await editHunt(join(challenges, 'hunt.yaml'))
    const { code, output, errors } = await prove(await boardFileOf(board, folder), challenges)

    const { ok, steps } = proof.parse(JSON.parse(output || '{}'))
    assert.deepEqual(
      steps.filter((step) => !step.ok),
      [],
      errors,
    )
    assert.deepEqual([ok, code], [true, 0], errors)
    for (const stage of stages) {
      const kinds = steps.filter(({ challenge }) => challenge === stage).map(({ kind }) => kind)
      for (const kind of ['starter', 'solution', 'wrong'])
        assert.ok(kinds.includes(kind), `${stage}: no ${kind}`)
    }
  },
)

/** Whatever registry the hunt names: on the node, the image lies here. */
async function editHunt(path: string): Promise<void> {
  const hunt = parse(await readFile(path, 'utf8')) as object
  await writeFile(path, stringify({ ...hunt, images }))
}

/** As `docker build` makes it of tools/village/Dockerfile. */
async function loadVillage({ node }: NodeBoard): Promise<void> {
  const entries = [{ name: 'village', mode: 0o755, content: await readFile(tool('village')) }]
  const config = { User: '65532:65532', Entrypoint: ['/village'] }
  await loadImage(node, { name: `${images}village:1.0.0`, entries, config })
}

async function boardFileOf({ kubeconfig, ingress }: NodeBoard, folder: string): Promise<string> {
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
    probeImage: boardImages.shell,
  })
  const cluster = await installedCluster(file)
  cluster.close()
  const path = join(folder, 'board.yaml')
  await writeFile(path, stringify(file))
  return path
}

async function prove(boardPath: string, challenges: string) {
  const args = ['prove', ...stages, '--folder', challenges, '--yes', '--format', 'json']
  const root = packageRoot()
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src', 'main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, BOARD_FILE: boardPath, SHAMBHALA_TOOLS: dirname(tool('helm3')) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const code = await new Promise<number>((done) => child.once('close', (status) => done(status ?? 1)))
  return { code, output, errors }
}
