import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import type { RegistryFinding } from '../../src/board/registry/types.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { freePort } from '../helpers/board/control-plane.ts'
import { findVersion, lacksDistribution, programs } from '../helpers/board/distribution.ts'
import { startDetached, stopAll, waitFor } from '../helpers/board/processes.ts'
import { tool } from '../helpers/board/tools.ts'
import { testBudget } from '../helpers/cluster.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { openFolder, type Command } from '../helpers/serve.ts'

const version = findVersion()
const baseUrl = 'https://hunt.example.org'

/** A board that is nothing but a registry, and the verbs of its server. */
async function openVerbs(context: TestContext) {
  const { top, dataDir, command } = await openFolder(context)
  const database = await testDatabase()
  context.after(() => database.close())
  const port = await freePort('127.0.0.1')
  const host = `localhost:${port}`
  const board = join(top, 'board.yaml')
  await writeFile(board, stringify({ registry: { host, plainHttp: true }, budgets: { default: testBudget } }))
  const settings = {
    BASE_URL: baseUrl,
    DATABASE_URL: database.url,
    BOARD_FILE: board,
    CHALLENGES_DIR: join(packageRoot(), 'challenges'),
  }
  const run = (verb: string, more: Record<string, string> = {}) =>
    command(verb.split(' '), { ...settings, ...more })
  /** The real registry, with what "registry config" wrote. */
  const start = async () => {
    const folder = join(top, 'registry')
    const storage = join(top, 'images')
    const wrote = await run(`registry config ${folder} --storage ${storage} --listen 127.0.0.1:${port}`)
    assert.equal(wrote.code, 0, wrote.errors)
    const file = join(folder, version === '2.8' ? 'distribution-2.yml' : 'distribution-3.yml')
    const process = await startDetached(top, 'registry', [tool(programs[version ?? '3']), 'serve', file])
    context.after(() => stopAll([process]))
    const answers = async () => (await fetch(`http://${host}/v2/`)).status === 401
    await waitFor('registry', answers, { process, dir: top, seconds: 20 })
  }
  return { host, top, dataDir, board, run, start }
}

function findingsIn({ out }: Command): Record<string, string> {
  const { registry } = JSON.parse(out) as { registry: { findings: RegistryFinding[] } }
  return Object.fromEntries(
    registry.findings.map(({ part, level, message }) => [part, `${level}: ${message}`]),
  )
}

test(
  'a board of nothing but a registry is checked: before it runs, when it is well, and with the keys of another',
  { skip: lacksDistribution() },
  async (context) => {
    const { host, top, run, start } = await openVerbs(context)
    const down = await run('board check')
    assert.equal(down.code, 1, down.errors)
    assert.match(down.out, new RegExp(`^registry ${host}\n {2}fault {4}address {5}does not answer: .*\n$`))

    await start()
    const well = await run('board check')
    assert.equal(well.code, 0, well.out + well.errors)
    assert.match(well.out, /^ {2}ok {7}tokens {6}takes those of this server$/m)
    assert.match(
      well.out,
      /^ {2}ok {7}realm {7}sends clients to https:\/\/hunt\.example\.org\/registry\/token/m,
    )

    const moved = await run('board check --format json', { BASE_URL: 'https://new.example.org' })
    assert.equal(moved.code, 1)
    assert.match(
      findingsIn(moved)['realm'] ?? '',
      /^fault: .*instead of https:\/\/new\.example\.org\/.*: run/,
    )

    const other = await run('board check --format json', { DATA_DIR: join(top, 'another') })
    assert.equal(other.code, 1)
    assert.match(
      findingsIn(other)['tokens'] ?? '',
      /^fault: refuses .* run "bin\/shambhala registry config" again/,
    )
    assert.deepEqual((JSON.parse(other.out) as { ok: boolean; clusters: [] }).clusters, [])
  },
)

test('settings that cannot be used, and verbs that have nothing to do without a cluster, say so', async (context) => {
  const { board, run } = await openVerbs(context)
  const text = (await readFile(board, 'utf8')).replace('plainHttp: true', 'certificateAuthority: nowhere.pem')
  await writeFile(board, text)
  const answer = await run('board check')
  assert.equal(answer.code, 1)
  assert.match(answer.out, /^ {2}fault {4}settings {4}.*nowhere\.pem/m)
  for (const verb of ['list', 'install']) {
    const refused = await run(`board ${verb}`)
    assert.equal(refused.code, 1, verb)
    assert.match(
      refused.errors,
      /^.*board\.yaml names no cluster, and this verb is for clusters: name one there\.\n$/,
    )
  }
})
