import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { boardFile } from '../../../src/core/board-file.ts'
import { allWorkspaces } from '../../../src/db/workspaces.ts'
import { ownerIn } from '../../../src/game/clusters.ts'
import { playerKubeconfig } from '../../../src/game/workspaces/workspace.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { freePort } from '../../helpers/board/control-plane.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { boardFor, startClusterGame, uniqueName } from '../../helpers/cluster.ts'

const skip = lacksBoard() || lacksTools('kubectl')

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-places-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('one cluster that is down does not stop the other', { skip }, async (context) => {
  const { kubeconfig, server } = await openBoard()
  const folder = await folderFor(context)
  const dead = join(folder, 'dead')
  const text = await readFile(kubeconfig, 'utf8')
  await writeFile(dead, text.replace(server, `https://127.0.0.1:${await freePort()}`))
  const both = boardFor(kubeconfig, { capacity: 10 })
  // Ten times the room: everybody is sent there first.
  const down = { name: 'annex', kubeconfig: dead, capacity: 100 }
  const board = boardFile.parse({ ...both, clusters: [...both.clusters, down] })
  const game = await startClusterGame({ board })
  try {
    for (let count = 0; count < 4; count += 1) {
      const { playerId } = await game.register(uniqueName())
      await game.untilWorkspace(playerId, ({ state }) => state === 'ready', 60)
    }
    const clusters = (await allWorkspaces(game.game.sql)).map(({ cluster }) => cluster)
    assert.deepEqual(clusters, ['main', 'main', 'main', 'main'])
  } finally {
    await game.close()
  }
})

test(
  'environments are namespaces of their own, each a context of the kubeconfig',
  { skip },
  async (context) => {
    const folder = await folderFor(context)
    const challenges = join(folder, 'hunt')
    await cp(join(packageRoot(), 'test', 'fixtures', 'hunt-cluster'), challenges, { recursive: true })
    const hunt = parse(await readFile(join(challenges, 'hunt.yaml'), 'utf8')) as object
    const workspace = { budget: 'default', environments: ['staging'] }
    await writeFile(join(challenges, 'hunt.yaml'), stringify({ ...hunt, workspace }))
    const game = await startClusterGame({ challenges })
    try {
      const player = await game.register(uniqueName())
      const row = await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', 60)
      const main = `hunt-${player.slug}`
      assert.deepEqual(row.done, [main, `${main}-staging`])
      const config = join(folder, 'config')
      await writeFile(config, (await playerKubeconfig(game.game, player)).text, { mode: 0o600 })
      const kubectl = kubectlWith(config)
      await kubectl('create', 'configmap', 'here')
      assert.match(await kubectl('-n', main, 'get', 'configmaps', '-o', 'name'), /here/)
      assert.doesNotMatch(
        await kubectl('--context', `${main}-staging`, 'get', 'configmaps', '-o', 'name'),
        /here/,
      )
      assert.match(
        await kubectl('--context', `${main}-staging`, 'get', 'resourcequotas', '-o', 'name'),
        /hunt/,
      )
      await game.cluster.remove(`${main}-staging`, ownerIn(game.game))
    } finally {
      await game.close()
    }
  },
)
