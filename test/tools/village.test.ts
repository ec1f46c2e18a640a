import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { endChild } from '../../src/lib/process.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { until } from '../helpers/until.ts'

const skip = lacksTools('village')
const run = promisify(execFile)

void test('The village keeps who moved in when its database is killed amid a write', { skip }, async (t) => {
  const village = await openVillage(t)
  assert.deepEqual(await village.ask('villagers'), [200, []])
  const tara = { id: 1, name: 'Tara', craft: 'weaver' }
  assert.deepEqual(await village.ask('villagers', 'POST', { name: 'Tara', craft: 'weaver' }), [201, tara])
  await run(tool('village'), ['visit', village.front])

  await village.database.stop('SIGKILL')
  await appendFile(join(village.data, 'villagers.jsonl'), '{"came":{"id":2,"na')
  const second = await village.startDatabase()
  assert.deepEqual(await village.ask('villagers', 'POST', { name: 'Ravi' }), [201, { id: 2, name: 'Ravi' }])

  await second.stop('SIGTERM')
  await village.startDatabase()
  assert.deepEqual(await village.ask('villagers'), [200, [tara, { id: 2, name: 'Ravi' }]])
  assert.deepEqual(await village.ask('villagers/1', 'DELETE'), [200, tara])
  assert.deepEqual(await village.ask('villagers'), [200, [{ id: 2, name: 'Ravi' }]])
})

void test(
  'The API is ready only while the database answers its password, and says why not',
  { skip },
  async (t) => {
    const village = await openVillage(t)
    const readiness = async () => {
      const response = await fetch(`${village.api}/readyz`)
      return [response.status, await response.text()] as const
    }
    assert.equal((await readiness())[0], 200)

    await village.database.stop('SIGTERM')
    const [status, why] = await readiness()
    assert.equal(status, 503)
    assert.match(why, /the database cannot be reached/)
    await assert.rejects(run(tool('village'), ['visit', village.front]), { stdout: /villagers answers 502/ })

    await village.startDatabase('another')
    assert.match((await readiness())[1], /the database refuses the password/)
    assert.equal((await fetch(`${village.api}/healthz`)).status, 200)
  },
)

void test(
  'The page shows the greeting as text, and the front says what is wrong with a body',
  { skip },
  async (t) => {
    const village = await openVillage(t)
    assert.match(await (await fetch(village.front)).text(), /<h1>Namaste &lt;b&gt;<\/h1>/)
    assert.deepEqual(await village.ask('villagers', 'POST', {}), [400, { error: 'a villager needs a name' }])
    const [status] = await village.ask('villagers', 'POST', { name: 'x'.repeat(20_000) })
    assert.equal(status, 413)
    assert.equal((await village.ask('villagers/..%2F..', 'DELETE'))[0], 404)
  },
)

void test('A tier that lacks settings ends at once and names all of them', { skip }, async () => {
  const starts = run(tool('village'), ['database'], { env: { PORT: '0' } })
  await assert.rejects(starts, (error: { code: number; stdout: string }) => {
    assert.equal(error.code, 1)
    assert.match(error.stdout, /PORT is/)
    return true
  })
  const empty = run(tool('village'), ['database'], { env: {} })
  await assert.rejects(empty, (error: { stdout: string }) => {
    assert.match(error.stdout, /DATABASE_PASSWORD is not set/)
    assert.match(error.stdout, /DATA_DIR is not set/)
    return true
  })
})

void test(
  'A front that is asked to stop turns unready, serves on for a while, and ends well',
  { skip },
  async (t) => {
    const village = await openVillage(t, '1s')
    const ended = village.frontProcess.stop('SIGTERM')
    let status = 200
    while (status === 200) status = (await fetch(`${village.front}/readyz`)).status
    assert.equal(status, 503)
    assert.equal((await fetch(village.front)).status, 200)
    assert.equal(await ended, 0)
  },
)

interface Tier {
  /** Signals, waits for the end, and answers the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

async function openVillage(t: TestContext, drain = '0s') {
  const data = await mkdtemp(join(tmpdir(), 'shambhala-village-'))
  const [front, api, database] = [await freePort(), await freePort(), await freePort()]
  const at = (port: number) => `http://127.0.0.1:${port}`
  const tiers: Tier[] = []
  t.after(async () => {
    await Promise.all(tiers.map((tier) => tier.stop('SIGKILL')))
    await rm(data, { recursive: true, force: true })
  })
  const start = async (name: string, port: number, env: Record<string, string>) => {
    const tier = startTier(name, { PORT: String(port), DRAIN: drain, ...env })
    tiers.push(tier)
    await answers(`${at(port)}/healthz`)
    return tier
  }
  const startDatabase = (password = 'sesame') =>
    start('database', database, { DATA_DIR: data, DATABASE_PASSWORD: password })
  const firstDatabase = await startDatabase()
  await start('api', api, { DATABASE_URL: at(database), DATABASE_PASSWORD: 'sesame' })
  const frontProcess = await start('front', front, { API_URL: at(api), GREETING: 'Namaste <b>' })
  return {
    data,
    front: at(front),
    api: at(api),
    database: firstDatabase,
    frontProcess,
    startDatabase,
    async ask(path: string, method = 'GET', body?: object): Promise<[number, unknown]> {
      const response = await fetch(`${at(front)}/api/${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return [response.status, await response.json()]
    },
  }
}

function startTier(name: string, env: Record<string, string>): Tier {
  const child = spawn(tool('village'), [name], { env, stdio: 'ignore' })
  return {
    async stop(signal) {
      const exit = once(child, 'exit')
      if (endChild(child, signal)) await exit
      return child.exitCode
    },
  }
}

async function answers(url: string): Promise<void> {
  await until(`an answer of ${url}`, 20, () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
