import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { WorkspaceState } from '../../src/core/workspace.ts'
import { keepServerId } from '../../src/db/hunt.ts'
import type { WorkspaceChange } from '../../src/db/workspaces.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { kubectlWith } from '../helpers/board/kubectl.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import {
  boardFor,
  installedCluster,
  startClusterGame,
  turnWorkspace,
  uniqueName,
} from '../helpers/cluster.ts'
import { testDatabase, type TestDatabase } from '../helpers/postgres.ts'
import { wireTo } from '../helpers/proxy.ts'
import { joinAs, openFolder } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const skip = lacksBoard() || lacksTools('kubectl')

/** A server in a process of its own, with the test board behind it, that can be killed and started again. */
async function openServer(context: TestContext) {
  const { kubeconfig } = await openBoard()
  const file = boardFor(kubeconfig)
  const cluster = await installedCluster(file)
  const database = await testDatabase()
  const { serve, top } = await openFolder(context)
  const board = join(top, 'board.yaml')
  await writeFile(board, stringify(file))
  const settings = {
    DATABASE_URL: database.url,
    BOARD_FILE: board,
    CHALLENGES_DIR: join(packageRoot(), 'test', 'fixtures', 'hunt-cluster'),
  }
  return { database, cluster, kubeconfig, start: () => serve(settings) }
}

/** `again` is done where the workspace is ready, having passed that state between two looks. */
async function untilState(
  { sql }: TestDatabase,
  state: WorkspaceState,
  again?: () => Promise<void>,
): Promise<void> {
  const look = async () => {
    const [row] = await sql<{ state: WorkspaceState }[]>`select state from workspaces`
    if (row?.state === 'ready' && state !== 'ready') await again?.()
    return row?.state
  }
  await until(`the state ${state}`, 60, look, (seen) => seen === state, 5)
}

test('killed at any state, the next start finishes what was begun, once', { skip }, async (context) => {
  const { database, cluster, kubeconfig, start } = await openServer(context)
  let server = await start()
  const { slug } = await joinAs(server.url, uniqueName())
  const crash = async (state: WorkspaceState, again?: () => Promise<void>) => {
    await untilState(database, state, again)
    await server.stop('SIGKILL')
    server = await start()
  }
  const turn = async (change: WorkspaceChange) => {
    const [{ playerId }] = await database.sql<[{ playerId: string }]>`select player_id from workspaces`
    await turnWorkspace(database.sql, playerId, change)
  }
  const beginAgain = () => turn({ state: 'deleting', again: true })
  try {
    for (const state of ['creating', 'probing'] as const) {
      await crash(state, beginAgain)
      await untilState(database, 'ready')
      await beginAgain()
    }
    await crash('deleting', beginAgain)
    await untilState(database, 'ready')
    await turn({ expiresAt: new Date(Date.now() + 3_600_000) })
    await crash('expiring')
    await turn({ expiresAt: new Date() })
    await crash('gone')
    await turn({ state: 'requested', cluster: null })
    await server.stop('SIGKILL')
    await turn({ state: 'waiting' })
    server = await start()
    await untilState(database, 'ready')
    await crash('ready')
    const namespaces = await kubectlWith(kubeconfig)('get', 'namespaces', '-o', 'name')
    assert.deepEqual(
      namespaces.split('\n').filter((line) => line.includes(slug)),
      [`namespace/hunt-${slug}`],
    )
    const [{ rows }] = await database.sql<[{ rows: number }]>`select count(*)::int as rows from workspaces`
    assert.equal(rows, 1)
  } finally {
    await server.stop('SIGKILL')
    const owner = { hunt: 'hunt', server: await keepServerId(database.sql, 'none') }
    await cluster.remove(`hunt-${slug}`, owner)
    cluster.close()
    await database.close()
  }
})

test(
  'a cluster that is away for half a minute blames nobody, and everything is done when it is back',
  { skip },
  async (context) => {
    const { kubeconfig, server } = await openBoard()
    const text = await readFile(kubeconfig, 'utf8')
    const wire = await wireTo(Number(new URL(server).port))
    context.after(() => wire.close())
    const { top } = await openFolder(context)
    const wired = join(top, 'wired.kubeconfig')
    await writeFile(wired, text.replace(server, `https://127.0.0.1:${wire.port}`))
    const game = await startClusterGame({
      board: boardFor(wired),
      settings: { CHECK_SECONDS: '5', JUDGE_CONCURRENCY: '8' },
    })
    try {
      const before = []
      for (let count = 0; count < 5; count += 1) before.push(await game.register(uniqueName()))
      for (const { playerId } of before)
        await game.untilWorkspace(playerId, ({ state }) => state === 'ready', 60)
      wire.cut()
      const began = Date.now()
      const during = []
      for (let count = 0; count < 20; count += 1) during.push(await game.register(uniqueName()))
      const submitted: { id: string; token: string }[] = []
      for (let count = 0; count < 50; count += 1) {
        const { token } = before[count % before.length] ?? { token: '' }
        const answer = await fetch(`${game.url}/api/v1/challenges/release/submissions`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: '{}',
          signal: AbortSignal.timeout(20_000),
        })
        assert.equal(answer.status, 202, await answer.clone().text())
        submitted.push({ id: ((await answer.json()) as { id: string }).id, token })
      }
      await sleep(Math.max(0, 30_000 - (Date.now() - began)))
      const early = await game.game
        .sql`select 1 from submissions where verdict = 'failed' or (status = 'done' and verdict <> 'inconclusive')`
      assert.equal(early.length, 0, 'nobody is blamed while the cluster is away')
      wire.mend()
      for (const { playerId } of during)
        await game.untilWorkspace(playerId, ({ state }) => state === 'ready', 120)
      await until(
        'the last submission',
        180,
        () => game.game.sql`select 1 from submissions where status not in ('done', 'superseded')`,
        (open) => open.length === 0,
        200,
      )
      const [verdicts] = await game.game.sql<[{ count: number; failed: number }]>`
      select count(*)::int as count, count(*) filter (where verdict = 'failed')::int as failed
      from submissions where status = 'done'`
      // The players made nothing, which is what every look that came about must say.
      assert.equal(verdicts.failed, verdicts.count)
      const [spaces] = await game.game.sql<[{ rows: number; places: number }]>`
      select count(*)::int as rows, count(distinct slug)::int as places from workspaces where state = 'ready'`
      assert.deepEqual({ ...spaces }, { rows: 25, places: 25 })
    } finally {
      wire.mend()
      await game.close()
    }
  },
)
