import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openCluster } from '../../src/board/cluster/cluster.ts'
import { createReadiness } from '../../src/game/upkeep/readiness.ts'
import { Inconclusive } from '../../src/lib/errors.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { boardFor } from '../helpers/cluster.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { openShell, type Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const asRoot = process.getuid?.() === 0 ? false : 'only root makes a small disk: run the tests as root'

interface Answer {
  code: number
  status: string
  missing: Record<string, string>
}

describe('A server whose repositories lie on a disk that takes nothing in', { skip: asRoot }, () => {
  let hunt: TestGame
  let shell: Shell
  let disk: string
  const mount = (...args: string[]) => execFileSync('mount', args)
  const ready = async (): Promise<Answer> => {
    const response = await fetch(`${hunt.url}/readyz`)
    return { code: response.status, ...((await response.json()) as Omit<Answer, 'code'>) }
  }

  before(async () => {
    hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
    disk = join(hunt.dataDir, 'repositories')
    mkdirSync(disk, { recursive: true })
    mount('-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk)
    shell = openShell()
  })
  after(async () => {
    execFileSync('umount', ['-l', disk])
    shell.remove()
    await hunt.close()
  })

  const cloned = async (name: string, language: 'en' | 'fr') => {
    const player = await hunt.register(name, language)
    const cloning = await shell.run(`git clone -q ${hunt.cloneUrl(player, 'first')} ${player.slug}`)
    assert.equal(cloning.code, 0, cloning.stderr)
    return () =>
      shell.run(
        `cd ${player.slug} && head -c 300000 /dev/urandom > big && git add -A && git commit -qm more && git push`,
      )
  }

  test('that is full says so, to its operator and to who pushes, as its own trouble, and goes on when there is room', async () => {
    const [push, pousse] = [await cloned('Full Up', 'en'), await cloned('Plein', 'fr')]
    assert.deepEqual(await ready(), { code: 200, status: 'ready', missing: {} })
    const ballast = join(disk, 'ballast')
    assert.throws(() => writeFileSync(ballast, Buffer.alloc(32 * 2 ** 20)), { code: 'ENOSPC' })
    const full = await until('the full disk', 30, ready, ({ code }) => code === 503)
    assert.deepEqual(full, { code: 503, status: 'not ready', missing: { forge: 'the disk is full' } })
    assert.equal((await fetch(`${hunt.url}/healthz`)).status, 200)
    assert.equal((await fetch(`${hunt.url}/leaderboard`)).status, 200)

    const refused = await push()
    assert.notEqual(refused.code, 0)
    assert.match(refused.remote.join('\n'), /disk of this server is full.*on our side/)
    assert.doesNotMatch(refused.stderr, /push less|fewer or smaller/)
    assert.match((await pousse()).remote.join('\n'), /le disque de ce serveur est plein.*de notre côté/)

    await rm(ballast)
    await until('room on the disk', 30, ready, ({ code }) => code === 200)
    const taken = await shell.run('cd fullup && git push')
    assert.equal(taken.code, 0, taken.stderr)
  })

  test('that is read-only says so as well', async () => {
    const push = await cloned('Read Only', 'en')
    mount('-o', 'remount,ro', disk)
    try {
      const seen = await until('the read-only disk', 30, ready, ({ code }) => code === 503)
      assert.deepEqual(seen.missing, { forge: 'the disk is read-only' })
      const refused = await push()
      assert.notEqual(refused.code, 0)
      assert.doesNotMatch(refused.stderr, /push less|fewer or smaller/)
    } finally {
      mount('-o', 'remount,rw', disk)
    }
    await until('a disk that is written to', 30, ready, ({ code }) => code === 200)
  })
})

describe('Parts of the board that every process shares', () => {
  let hunt: TestGame
  before(async () => {
    hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  })
  after(() => hunt.close())

  /** A real registry or cluster does not hang on demand, nor count how often it is asked. */
  const lookWith = (board: object) => createReadiness({ sql: hunt.game.sql, log, board: board }, hunt.dataDir)

  test('are named with their reason where they are away, and the server is degraded, not down', async () => {
    const look = lookWith({
      registry: { ping: () => Promise.reject(new Inconclusive('registry.example.org answered 500')) },
      cluster: {
        all: new Map([
          ['well', { ping: () => Promise.resolve() }],
          ['ill', { ping: () => Promise.reject(new Inconclusive('cluster ill: connect ECONNREFUSED')) }],
        ]),
      },
    })
    assert.deepEqual(await look(), {
      status: 'degraded',
      missing: {
        registry: 'registry.example.org answered 500',
        cluster: 'cluster ill: connect ECONNREFUSED',
      },
    })
  })

  test(
    'of which a real API server is one: answering, shut, or with a token that it does not know',
    { skip: lacksBoard() },
    async (context) => {
      const { kubeconfig } = await openBoard()
      const folder = await mkdtemp(join(tmpdir(), 'readiness-'))
      context.after(() => rm(folder, { recursive: true }))
      const open = async (name: string, change: (text: string) => string = (text) => text) => {
        const path = join(folder, name)
        await writeFile(path, change(await readFile(kubeconfig, 'utf8')))
        const file = boardFor(path, { name })
        const [settings] = file.clusters
        assert.ok(settings)
        const cluster = await openCluster({ settings, file, resolvePath: (one) => one, log })
        context.after(() => cluster.close())
        return lookWith({ cluster: { all: new Map([[name, cluster]]) } })
      }
      assert.deepEqual(await (await open('well'))(), { status: 'ready', missing: {} })
      const shut = await open('shut', (text) => text.replace(/("server":"[^"]*:)\d+/, '$11'))
      const stranger = await open('stranger', (text) =>
        text.replace(/"client-certificate-data":[^}]*/, '"token":"nobody"'),
      )
      for (const [look, says] of [
        [shut, /ECONNREFUSED/],
        [stranger, /401|Unauthorized/i],
      ] as const) {
        const { status, missing } = await look()
        assert.equal(status, 'degraded')
        assert.match(missing['cluster'] ?? '', says)
      }
    },
  )

  test('are asked once however often somebody asks, and are waited for no longer than three seconds', async () => {
    let asked = 0
    const look = lookWith({
      registry: {
        ping: () => {
          asked += 1
          return new Promise(() => undefined)
        },
      },
    })
    const began = performance.now()
    const states = await Promise.all(Array.from({ length: 50 }, look))
    assert.ok(performance.now() - began < 15_000)
    for (const state of states) assert.deepEqual(state.missing, { registry: 'no answer within 3 s' })
    await look()
    assert.equal(asked, 1)
  })
})
