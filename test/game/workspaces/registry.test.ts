import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { stringify } from 'yaml'
import type { Owner } from '../../../src/core/owner.ts'
import { workspaceRow } from '../../../src/db/workspaces.ts'
import { ownerIn } from '../../../src/game/clusters.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { connect } from '../../helpers/board/objects.ts'
import { boardFor, installedCluster, uniqueName } from '../../helpers/cluster.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { until } from '../../helpers/until.ts'

const host = 'registry.example.org'

describe('A board that is given a registry while players live on it', { skip: lacksBoard() }, () => {
  test('brings the log-in for pulls to namespaces that were there before, and a new one after the secret was changed', async (context) => {
    const { kubeconfig } = await openBoard()
    const api = connect(kubeconfig).makeApiClient(CoreV1Api)
    const file = boardFor(kubeconfig)
    const cluster = await installedCluster(file)
    const database = await testDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-late-registry-'))
    const master = join(folder, 'master.kubeconfig')
    // With the rights of a real server, which may write no other Secret.
    await writeFile(master, (await cluster.masterKubeconfig()).text, { mode: 0o600 })
    const namespaces: ({ name: string } & Owner)[] = []
    context.after(async () => {
      for (const { name, ...owner } of namespaces) await cluster.remove(name, owner)
      cluster.close()
      await database.close()
      await rm(folder, { recursive: true })
    })

    /** A server on the same data, from its start to its end. */
    const serve = async (more: object, secret: string, work: (game: TestGame) => Promise<void>) => {
      const boardPath = join(folder, 'board.yaml')
      const clusters = file.clusters.map((one) => ({ ...one, kubeconfig: master }))
      await writeFile(boardPath, stringify({ ...file, clusters, ...more }))
      const settings = { DATABASE_URL: database.url, DATA_DIR: folder, MASTER_SECRET: secret }
      const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-cluster')
      const game = await startGame({ challenges, settings: { ...settings, BOARD_FILE: boardPath } })
      try {
        await work(game)
      } finally {
        await game.close()
      }
    }
    const secretIn = async (namespace: string) => {
      const there = await api.readNamespacedSecret({ namespace, name: 'registry' }).catch(() => null)
      const text = there?.data?.['.dockerconfigjson']
      if (text === undefined) return null
      const { auths } = JSON.parse(Buffer.from(text, 'base64').toString()) as {
        auths: Record<string, { auth: string }>
      }
      return Buffer.from(auths[host]?.auth ?? '', 'base64').toString()
    }
    /** The server looks after each namespace every ten minutes; here its turn comes at once. */
    const turn = ({ game }: TestGame) =>
      game.sql`update workspaces set next_at = now(), version = version + 1`

    let slug = ''
    let namespace = ''
    await serve({}, 'the first secret that this server ever had', async (game) => {
      const tara = await game.register(uniqueName())
      slug = tara.slug
      namespace = `hunt-${slug}`
      namespaces.push({ name: namespace, ...ownerIn(game.game) })
      await until('the namespace', 30, async () => {
        const row = await workspaceRow(game.game.sql, tara.playerId)
        return row?.state === 'ready'
      })
    })
    assert.equal(await secretIn(namespace), null)

    const board = { registry: { host } }
    let first = ''
    await serve(board, 'the first secret that this server ever had', async (game) => {
      await turn(game)
      first = await until('the log-in', 30, () => secretIn(namespace))
      assert.equal(first, `${slug}:${game.game.board.registry?.tokens.robotPassword(slug) ?? ''}`)
      const account = await api.readNamespacedServiceAccount({ namespace, name: 'default' })
      assert.deepEqual(
        account.imagePullSecrets?.map(({ name }) => name),
        ['registry'],
      )
      const { metadata } = await api.readNamespace({ name: namespace })
      assert.match(metadata?.annotations?.['shambhala.dev/images'] ?? '', new RegExp(`${host}/${slug}( |$)`))
    })
    await serve(board, 'another secret, which it was given later', async (game) => {
      await turn(game)
      const second = await until('the new log-in', 30, async () => {
        const now = await secretIn(namespace)
        return now !== first && now
      })
      assert.equal(second, `${slug}:${game.game.board.registry?.tokens.robotPassword(slug) ?? ''}`)
    })
  })
})
