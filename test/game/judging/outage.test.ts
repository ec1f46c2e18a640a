import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import type { Database } from '../../../src/db/client.ts'
import { insertSubmission } from '../../../src/db/submissions.ts'
import { challengeOf, type Game } from '../../../src/game/game.ts'
import { parametersFor } from '../../../src/game/parameters.ts'
import { queue } from '../../../src/game/judging/submit.ts'
import { endChild } from '../../../src/lib/process.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame } from '../../helpers/game.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { wireTo } from '../../helpers/proxy.ts'
import { randomUUID } from 'node:crypto'
import { until } from '../../helpers/until.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
const masterSecret = 'a secret of the tests, long enough for all'

async function makePlayers(sql: Database, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into players (slug, name, skeleton)
    select 'p' || n, 'Player ' || n, 'p' || n from generate_series(1, ${count}) as n returning id`
  return rows.map((row) => row.id)
}

async function submit(sql: Database, playerId: string, answer: string): Promise<void> {
  await insertSubmission(sql, {
    id: randomUUID(),
    playerId,
    memberId: null,
    challengeId: 'word',
    trigger: 'api',
    receivedAt: new Date(),
    answer,
    snapshots: {},
  })
}

async function allDone(sql: Database): Promise<void> {
  const open = () => sql`select 1 from submissions where status <> 'done'`
  await until('the verdicts', 300, open, (rows) => rows.length === 0, 100)
}

/** Every second answer is right. */
async function answerOf(
  game: Pick<Game, 'sql' | 'secret' | 'hunt'>,
  playerId: string,
  index: number,
): Promise<string> {
  if (index % 2 === 1) return 'wrong'
  return String((await parametersFor(game, playerId, challengeOf(game, 'word')))['word'])
}

async function assertEachJudgedOnce(sql: Database, count: number): Promise<void> {
  const [row] = await sql<[{ passed: number; failed: number; solves: number; results: number }]>`
    select count(*) filter (where verdict = 'passed')::int as passed, count(*) filter (where verdict = 'failed')::int as failed,
      (select count(*)::int from solves) as solves, (select count(*)::int from check_results) as results from submissions`
  assert.deepEqual({ ...row }, { passed: count / 2, failed: count / 2, solves: count / 2, results: count })
}

test('a database that is away in the middle of 200 submissions costs nobody a verdict, and nobody gets two', async () => {
  const database = await testDatabase()
  const wire = await wireTo(Number(new URL(database.url).port))
  const url = new URL(database.url)
  url.port = String(wire.port)
  const hunt = await startGame({
    challenges: small,
    settings: { DATABASE_URL: url.href, MASTER_SECRET: masterSecret },
  })
  try {
    const players = await makePlayers(database.sql, 200)
    const { secret, hunt: stages } = hunt.game
    const answers = await Promise.all(
      players.map((playerId, index) =>
        answerOf({ sql: database.sql, secret, hunt: stages }, playerId, index),
      ),
    )
    const send = async (index: number): Promise<void> => {
      await queue(hunt.game, {
        player: { playerId: players[index] ?? '', slug: `p${index}` },
        memberId: null,
        challenge: challengeOf(hunt.game, 'word'),
        trigger: 'api',
        receivedAt: new Date(),
        answer: answers[index] ?? '',
        snapshots: {},
      })
    }
    const orSubmit = (index: number) =>
      send(index).catch(() => submit(database.sql, players[index] ?? '', answers[index] ?? ''))
    // Half of them before the outage; the others find the database away, as a page would tell.
    for (let index = 0; index <= 100; index += 1) await send(index)
    wire.cut()
    await Promise.all(Array.from({ length: 50 }, (_, index) => orSubmit(101 + index)))
    const page = await fetch(`${hunt.url}/readyz`)
    assert.equal(page.status, 503)
    assert.match(await page.text(), /PostgreSQL does not answer/)
    await sleep(1500)
    wire.mend()
    for (let index = 151; index < 200; index += 1) await orSubmit(index)
    await allDone(database.sql)
    await assertEachJudgedOnce(database.sql, 200)
  } finally {
    wire.mend()
    await hunt.close()
    wire.close()
    await database.close()
  }
})

test('a server that is killed in the middle of 200 submissions judges the rest when it starts again, each once', async () => {
  const database = await testDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'shambhala-killed-'))
  const game = await startGame({ challenges: small, settings: { MASTER_SECRET: masterSecret } })
  const environment = {
    PATH: process.env['PATH'],
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    CHALLENGES_DIR: small,
    MASTER_SECRET: masterSecret,
    PORT: '0',
    JUDGE_CONCURRENCY: '1',
  }
  const children: ChildProcess[] = []
  const serve = () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'serve'], {
      cwd: packageRoot(),
      env: environment,
      stdio: 'ignore',
    })
    children.push(child)
    return child
  }
  try {
    const players = await makePlayers(database.sql, 200)
    await database.sql`insert into challenges (id) values ('first'), ('second'), ('word')`
    for (const [index, playerId] of players.entries()) {
      const answer = await answerOf(
        { sql: database.sql, secret: masterSecret, hunt: game.game.hunt },
        playerId,
        index,
      )
      await submit(database.sql, playerId, answer)
    }
    const done = async () => (await database.sql`select 1 from submissions where status = 'done'`).length
    const first = serve()
    await until('the first verdicts', 180, done, (count) => count >= 20, 5)
    const gone = new Promise((resolve) => first.once('exit', resolve))
    assert.ok(endChild(first))
    await gone
    assert.ok((await done()) < 200, 'it was killed too late')
    serve()
    await allDone(database.sql)
    await assertEachJudgedOnce(database.sql, 200)
  } finally {
    for (const child of children) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      if (endChild(child, 'SIGTERM')) await gone
    }
    await game.close()
    await database.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
