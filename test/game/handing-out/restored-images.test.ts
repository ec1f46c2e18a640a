import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { stringify } from 'yaml'
import type { Registry } from '../../../src/board/registry/types.ts'
import { backup, restore } from '../../../src/cli/backup.ts'
import { openStorage } from '../../../src/compose/storage.ts'
import { readConfig } from '../../../src/config.ts'
import { boardFile } from '../../../src/core/board-file.ts'
import { layingsOf } from '../../../src/db/starter-images.ts'
import { listSubmissions } from '../../../src/db/submissions.ts'
import { glance } from '../../../src/game/triggers/glance.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { freePort } from '../../helpers/board/control-plane.ts'
import { imageOf } from '../../helpers/board/layout.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { testBudget } from '../../helpers/cluster.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { pushHearth } from '../../helpers/hearth.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { putImage } from '../../helpers/push-image.ts'
import { lacksRegistry, startRegistry, startRegistryGame, type RegistryGame } from '../../helpers/registry.ts'
import { openShell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-images')
const signal = () => AbortSignal.timeout(20_000)

const skip = lacksRegistry('3') || lacksTools('skopeo')
describe('On a server that was restored, the images that stages hand out', { skip }, () => {
  let first: RegistryGame
  let folder: string
  let file: string
  /** Has them as they were laid. */
  let tara: Registered
  /** Pushed another one over it, which is wrong. */
  let pema: Registered
  /** Solved the stage, so that the next is open. */
  let dolma: Registered
  let laid: Record<string, string | null>

  before(async () => {
    first = await startRegistryGame('3', { challenges })
    await pushHearth(first)
    folder = await mkdtemp(join(tmpdir(), 'shambhala-restored-'))
    file = join(folder, 'hunt.tar.gz')
    tara = await first.register('Tara')
    pema = await first.register('Pema')
    dolma = await first.register('Dolma')
    for (const player of [tara, pema, dolma]) await allLaid(first, player, ['chest'])
    laid = await everyDigest(first.registry)
    await pushChest(pema, { own: 'yes' })
    await pushChest(dolma, { clean: 'yes' })
    await judged(first, pema, ['failed'])
    await judged(first, dolma, ['passed'])
    await allLaid(first, dolma, ['chest', 'cell'])
    laid['dolma door'] = await digestOf(first.registry, dolma, 'cell/door', 'latest')
    const storage = await openStorage(configOf(first.database.url, first.dataDir), silentLog)
    await backup(storage, file).finally(() => storage.close())
  })
  after(async () => {
    await first.close()
    await rm(folder, { recursive: true, force: true })
  })

  const digestOf = async (registry: Registry, { slug }: Registered, repository: string, tag: string) =>
    (await registry.images(slug).manifest(repository, tag, signal()))?.digest ?? null
  const everyDigest = async (registry: Registry): Promise<Record<string, string | null>> => ({
    tara: await digestOf(registry, tara, 'chest', '1.0'),
    pema: await digestOf(registry, pema, 'chest', '1.0'),
    dolma: await digestOf(registry, dolma, 'chest', '1.0'),
  })
  const pushChest = async ({ slug }: Registered, labels: Record<string, string>) => {
    const image = await imageOf({ layers: [[{ name: 'own', content: 'x' }]], config: { Labels: labels } })
    await putImage(first, `${slug}/chest:1.0`, image, { kind: 'player', slug })
  }
  const allLaid = ({ game }: TestGame, player: Registered, ids: string[]) =>
    until(
      'the images to be laid',
      20,
      () => layingsOf(game.sql, player.playerId),
      (seen) => ids.every((id) => seen.laid.has(id)),
    )
  const verdictsOf = async ({ game }: TestGame, { playerId }: Registered) =>
    (await listSubmissions(game.sql, { playerId, challengeId: 'chest', limit: 9 })).map((one) => one.verdict)
  const judged = (game: TestGame, player: Registered, verdicts: string[]) =>
    until(
      'the verdicts',
      20,
      () => verdictsOf(game, player),
      (seen) => seen.join() === verdicts.join(),
    )
  /** As the reading of every five minutes does. */
  const lookAgain = ({ game }: TestGame, player: Registered) =>
    glance(game, { ...player, playerName: player.name }, 'image', signal())

  /** The backup on a new machine; `board`: its board.yaml. */
  async function withRestored(board: string, work: (second: TestGame, dataDir: string) => Promise<void>) {
    const dataDir = await mkdtemp(join(folder, 'data-'))
    const database = await testDatabase()
    const storage = await openStorage(configOf(database.url, dataDir), silentLog)
    await restore(storage, file, undefined).finally(() => storage.close())
    const settings = { DATABASE_URL: database.url, DATA_DIR: dataDir, BOARD_FILE: board }
    const second = await startGame({ challenges, settings })
    try {
      await work(second, dataDir)
    } finally {
      await second.close()
      await database.close()
    }
  }

  test('lie again in an empty registry, for everybody who had them, and make no submission', async () => {
    const host = `localhost:${await freePort('127.0.0.1')}`
    const registry = { host, url: `http://${host}`, plainHttp: true }
    const board = join(folder, 'board.yaml')
    const budgets = { default: { ...testBudget, images: '64Mi' } }
    await writeFile(board, stringify(boardFile.parse({ registry, budgets, clusters: [] })))
    await withRestored(board, async (second, dataDir) => {
      const { registry: seen } = second.game.board
      assert.ok(seen)
      const running = await startRegistry('3', {
        master: second.url,
        host,
        secret: second.game.secret,
        secrets: join(dataDir, 'secrets'),
      })
      try {
        await pushHearth({ host, registry: seen })
        for (const player of [tara, pema]) await allLaid(second, player, ['chest'])
        await allLaid(second, dolma, ['chest', 'cell'])
        const door = await digestOf(seen, dolma, 'cell/door', 'latest')
        assert.deepEqual({ ...(await everyDigest(seen)), 'dolma door': door }, laid)
        assert.deepEqual(await seen.images(tara.slug).repositories(signal()), ['chest'])
        for (const player of [tara, pema, dolma])
          assert.deepEqual((await lookAgain(second, player)).submitted, [])
        assert.deepEqual(await verdictsOf(second, tara), [])
        assert.deepEqual(await verdictsOf(second, pema), ['failed'])
        assert.deepEqual(await verdictsOf(second, dolma), ['passed'])
        await pulls(host, tara)
      } finally {
        await running.close()
      }
    })
  })

  test('stay as players changed them in the registry of before, and what they pushed since is judged', async () => {
    await pushChest(tara, { pushed: 'after the backup' })
    const now = await everyDigest(first.registry)
    assert.notEqual(now['tara'], laid['tara'])
    await withRestored(first.boardFile, async (second) => {
      for (const player of [tara, pema]) await allLaid(second, player, ['chest'])
      await allLaid(second, dolma, ['chest', 'cell'])
      assert.deepEqual(await everyDigest(first.registry), now)
      await lookAgain(second, tara)
      // The server's own first look may have come to the same: the later submission takes the earlier one's place.
      await until(
        'the verdicts',
        20,
        () => verdictsOf(second, tara),
        (seen) => seen.includes('failed'),
      )
      await judged(second, pema, ['failed'])
    })
  })
})

function configOf(url: string, dataDir: string) {
  return readConfig({ DATABASE_URL: url, DATA_DIR: dataDir }, dataDir)
}

async function pulls(host: string, { slug, token }: Registered): Promise<void> {
  const shell = openShell()
  const copy = `skopeo copy --src-tls-verify=false --src-creds ${slug}:${token}`
  const { code, stderr } = await shell.run(`${copy} docker://${host}/${slug}/chest:1.0 dir:chest`)
  shell.remove()
  assert.equal(code, 0, stderr)
}
