import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { packageRoot } from '../../src/lib/root.ts'
import { loadImage } from './board/images.ts'
import { lacksTools, tool } from './board/tools.ts'
import { lacksNode, openNode, type NodeBoard } from './node.ts'
import { assertProven, nodeBoardFile, prove } from './proof.ts'

const images = 'board.local/hunt/'

export const lacksProofNode = () => lacksNode() || lacksTools('helm3', 'helm4', 'kubectl', 'village')

/** Proves stages on the node, whose images lie there whatever registry the hunt names. */
export async function proveOnNode(t: TestContext, stages: readonly string[]): Promise<void> {
  const board = await openNode()
  await loadVillage(board)
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-prove-board-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const challenges = join(folder, 'challenges')
  await cp(join(packageRoot(), 'challenges'), challenges, { recursive: true })
  await editHunt(join(challenges, 'hunt.yaml'))
  const BOARD_FILE = await nodeBoardFile(board, folder)
  const proved = await prove(stages, challenges, {
    BOARD_FILE,
    MASTER_SECRET: `a secret that no server of this machine has, for ${stages.join()}`,
  })
  assertProven(proved, stages, ['starter', 'solution', 'wrong', 'lines'])
}

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
