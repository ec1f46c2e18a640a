import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { freePort } from '../helpers/board/control-plane.ts'
import { loadHuntImages } from '../helpers/board/hunt-images.ts'
import { startHuntRegistry } from '../helpers/board/hunt-registry.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { testBudget } from '../helpers/cluster.ts'
import { startGame } from '../helpers/game.ts'
import { done } from '../helpers/node-registry.ts'
import { lacksRegistry } from '../helpers/registry.ts'
import { openShell } from '../helpers/shell.ts'

const skip = (lacksRegistry('2.8') && lacksRegistry('3')) || lacksTools('busybox', 'crane')

test(
  'the registry of make board takes the tokens of the game beside it, also after it was killed',
  { skip },
  async (t) => {
    const top = await mkdtemp(join(tmpdir(), 'shambhala-hunt-registry-'))
    t.after(() => rm(top, { recursive: true }))
    const port = await freePort()
    const host = `localhost:${port}`
    const settings = { host, url: `http://${host}`, plainHttp: true }
    const BOARD_FILE = join(top, 'board.yaml')
    await writeFile(BOARD_FILE, stringify({ registry: settings, budgets: { default: testBudget } }))
    const game = await startGame({ settings: { BOARD_FILE } })
    t.after(() => game.close())
    const serving = {
      dir: join(top, 'registry'),
      port,
      config: { ...game.game.config, host: 'localhost', port: Number(new URL(game.url).port) },
      storage: { dataDir: game.dataDir, secret: game.game.secret },
    }
    const first = await startHuntRegistry(serving)
    t.after(() => first.close())
    const [loaded] = await loadHuntImages(first.registry, ['hearth:1.0'])

    // As if the first had been left behind.
    const second = await startHuntRegistry(serving)
    t.after(() => second.close())
    const { slug, token } = await game.register('Tara')
    const shell = openShell()
    t.after(() => shell.remove())
    const crane = tool('crane')
    await done(shell, `${crane} auth login ${host} -u ${slug} -p ${token}`)
    assert.equal((await done(shell, `${crane} digest ${host}/hunt/hearth:1.0`)).trim(), loaded?.digest)
    await done(shell, `${crane} copy ${host}/hunt/hearth:1.0 ${host}/${slug}/hearth:1.0`)
  },
)

test('make board says which other port to choose for its registry', { skip }, async (t) => {
  const top = await mkdtemp(join(tmpdir(), 'shambhala-hunt-registry-'))
  t.after(() => rm(top, { recursive: true }))
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const game = await startGame()
  t.after(() => game.close())
  const storage = { dataDir: top, secret: 'x'.repeat(64) }
  const started = startHuntRegistry({ dir: top, port, config: game.game.config, storage })
  await assert.rejects(started, new RegExp(`Port ${port} is in use: .*REGISTRY_PORT=${port + 1} make board`))
})
