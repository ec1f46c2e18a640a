import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Database } from '../../src/db/client.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { wireTo } from '../helpers/proxy.ts'
import { until } from '../helpers/until.ts'

/** What is lost is lost in some cuts only. */
const cuts = 12
const atOnce = 40

async function askBoth(sql: Database, number: number): Promise<void> {
  const [plain] = await sql<[{ n: number }]>`select ${number}::int as n`
  assert.equal(plain.n, number)
  await sql.begin(async (inside) => {
    const [first] = await inside<[{ n: number }]>`select ${number}::int as n`
    const [second] = await inside<[{ n: number }]>`select ${number + 1000}::int as n`
    assert.deepEqual([first.n, second.n], [number, number + 1000])
  })
}

test('what is asked while the database goes away and comes back ends, and nobody gets the answer of another', async (t) => {
  const database = await testDatabase()
  t.after(() => database.close())
  for (let round = 0; round < cuts; round += 1) {
    const wire = await wireTo(Number(new URL(database.url).port))
    const url = new URL(database.url)
    url.port = String(wire.port)
    const sql = connect(url.href, { log })
    const asking = new Set<number>()
    const wrong: unknown[] = []
    let over = false
    const goOn = async (number: number) => {
      asking.add(number)
      while (!over)
        await askBoth(sql, number).catch(async (error: unknown) => {
          if (error instanceof assert.AssertionError) wrong.push(error)
          await sleep(5 + (number % 30))
        })
      asking.delete(number)
    }
    for (let number = 0; number < atOnce; number += 1) void goOn(number)
    await sleep(200)
    wire.cut()
    await sleep(200 + 80 * round)
    wire.mend()
    await sleep(1000)
    over = true
    await until(
      `the end of what was asked in cut ${round}`,
      20,
      () => [asking.size],
      ([left]) => left === 0,
    )
    assert.deepEqual(wrong, [])
    await sql.end({ timeout: 1 })
    wire.close()
  }
})
