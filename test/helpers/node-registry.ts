import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Registry } from '../../src/board/registry/types.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { freePort } from './board/control-plane.ts'
import { findVersion } from './board/distribution.ts'
import { huntImages } from './board/hunt-images.ts'
import { imageOf, writeLayout, type BuiltImage, type Layout } from './board/layout.ts'
import { lacksTools, tool } from './board/tools.ts'
import { boardFor, startClusterGame, uniqueName, type ClusterGame } from './cluster.ts'
import { lacksNode, openNode, type NodeBoard } from './node.ts'
import { startRegistry } from './registry.ts'
import { openShell, type Shell } from './shell.ts'

export const lacksNodeGame = () => lacksNode() || lacksTools('crane')

/** The whole server with a real node and a real registry, whose name works on this machine and on the node. */
export interface NodeGame extends ClusterGame {
  node: NodeBoard
  host: string
  registry: Registry
  /** A player whose workspace is ready. */
  join(): Promise<NodePlayer>
}

export interface NodePlayer extends Registered {
  namespace: string
  /** Path of the kubeconfig that the API gave. */
  kubeconfig: string
  /** Their own machine, logged in to the registry. */
  shell: Shell
  /** Pushes into the own path, such as as `pack:1.0`. */
  push(name: string, layout: Layout): Promise<BuiltImage>
  get(path: string): Promise<unknown>
}

export async function startNodeGame({ challenges }: { challenges?: string } = {}): Promise<NodeGame> {
  const node = await openNode()
  const host = `localhost:${await freePort()}`
  const settings = { host, url: `http://${host}`, plainHttp: true, redirects: [] }
  const game = await startClusterGame({
    ...(challenges !== undefined && { challenges }),
    board: { ...boardFor(node.kubeconfig), registry: settings },
  })
  const { registry } = game.game.board
  assert.ok(registry)
  const running = await startRegistry(findVersion() ?? '2.8', {
    master: game.url,
    host,
    secret: game.game.secret,
    secrets: join(game.dataDir, 'secrets'),
  })
  const shells: Shell[] = []
  return {
    ...game,
    node,
    host,
    registry,
    async join() {
      const player = await game.register(uniqueName())
      await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', 150)
      const shell = openShell()
      shells.push(shell)
      return await playerOf({ url: game.url, host, player, shell })
    },
    async close() {
      for (const shell of shells) shell.remove()
      await running.close()
      await game.close()
    },
  }
}

interface Seat {
  url: string
  host: string
  player: Registered
  shell: Shell
}

async function playerOf({ url, host, player, shell }: Seat): Promise<NodePlayer> {
  const ask = async (path: string) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${player.token}` },
    })
    assert.equal(response.status, 200, await response.clone().text())
    return response
  }
  const kubeconfig = join(shell.folder, 'kubeconfig')
  await writeFile(kubeconfig, await (await ask('/workspace/kubeconfig')).text())
  await done(shell, `${tool('crane')} auth login ${host} -u ${player.slug} -p ${player.token}`)
  return {
    ...player,
    namespace: `hunt-${player.slug}`,
    kubeconfig,
    shell,
    get: async (path) => await (await ask(path)).json(),
    async push(name, layout) {
      const image = await imageOf(layout)
      const folder = await mkdtemp(join(tmpdir(), 'shambhala-push-'))
      await writeLayout(folder, image.manifest, [image.config, ...image.layers])
      await done(shell, `${tool('crane')} push ${folder} ${host}/${player.slug}/${name}`)
      await rm(folder, { recursive: true })
      return image
    },
  }
}

/** Runs a command that must succeed. */
export async function done(shell: Shell, command: string): Promise<string> {
  const { code, stdout, stderr } = await shell.run(command)
  assert.equal(code, 0, `${command}\n${stderr}`)
  return stdout
}

/** An image on the hearth that says who it is and then sleeps. */
export async function packLayout(word: string, labels: Record<string, string> = {}): Promise<Layout> {
  const hearth = await huntImages['hearth:1.0']()
  const config = {
    User: '65532',
    Env: ['PATH=/bin'],
    StopSignal: 'SIGKILL',
    Labels: labels,
    Cmd: ['sh', '-c', 'cat /word; sleep 3600'],
  }
  return { ...hearth, layers: [...hearth.layers, [{ name: 'word', content: `${word}\n` }]], config }
}
