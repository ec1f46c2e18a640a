import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Registry } from '../../src/board/registry/types.ts'
import { readConfig } from '../../src/config.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { keptSecret } from '../../src/lib/secrets.ts'
import { freePort } from '../helpers/board/control-plane.ts'
import { loadHuntImages } from '../helpers/board/hunt-images.ts'
import { startHuntRegistry } from '../helpers/board/hunt-registry.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { lacksNode, openNode } from '../helpers/node.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { assertProven, nodeBoardFile, prove } from '../helpers/proof.ts'

const stages = ['light-pack', 'warm-wax', 'caravan']

test(
  'The stages of images are proven on a real node and a real registry, for which the proof takes the place of the stopped server',
  { skip: lacksNode() || lacksTools('helm3', 'crane', 'buildah') },
  async (t) => {
    const board = await openNode()
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-prove-images-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const database = await testDatabase()
    t.after(() => database.close())
    const port = await freePort('127.0.0.1')
    const dataDir = join(folder, 'data')
    const env = {
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      HOST: '127.0.0.1',
      PORT: String(port),
      // crane goes to no bare private address for its tokens.
      BASE_URL: `http://localhost:${port}`,
    }
    const storage = { dataDir, secret: keptSecret(join(dataDir, 'secrets', 'master')) }
    const { registry, settings, ...served } = await startHuntRegistry({
      dir: join(folder, 'registry'),
      port: await freePort('127.0.0.1'),
      storage,
      config: readConfig(env, packageRoot()),
    })
    t.after(() => served.close())
    await loadHuntImages(registry)
    const BOARD_FILE = await nodeBoardFile(board, folder, settings)
    const challenges = join(packageRoot(), 'challenges')

    const other = createServer().listen(port, '127.0.0.1')
    const refused = await prove(stages, challenges, { ...env, BOARD_FILE })
    assert.equal(refused.code, 1)
    assert.match(refused.errors, new RegExp(`Port ${port} is in use: stop the server`))
    other.close()

    const proved = await prove(stages, challenges, { ...env, BOARD_FILE })
    assertProven(proved, stages, ['starter', 'solution', 'neighbour', 'wrong', 'lines'])
    assert.deepEqual(await tagsOfPlayers(registry), [], 'images of the proof are left')
  },
)

/** The names of repositories stay in the catalogue of a registry when they are empty. */
async function tagsOfPlayers(registry: Registry): Promise<string[]> {
  const signal = AbortSignal.timeout(10_000)
  const names = (await registry.repositories(signal)).filter((name) => !name.startsWith('hunt/'))
  const tags = names.map(async (name) => {
    const [slug = '', ...rest] = name.split('/')
    return (await registry.images(slug).tags(rest.join('/'), signal)).tags.map((tag) => `${name}:${tag}`)
  })
  return (await Promise.all(tags)).flat()
}
