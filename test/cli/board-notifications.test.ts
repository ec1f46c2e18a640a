import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { hearProbes } from '../../src/db/registry-probe.ts'
import { hookKey } from '../../src/game/triggers/registry-hook.ts'
import { probed } from '../../src/game/registry/probe.ts'
import { freePort } from '../helpers/board/control-plane.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { accessOf, basic, tokenAt } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import { openFolder } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const arrive = '  ok       notifications arrive, so that stages look at once at what is pushed'

for (const version of versions) {
  describe(`"board check" beside a Distribution ${version}`, { skip: lacksRegistry(version) }, () => {
    const open = async (context: TestContext, hook?: { url?: string; key?: string }) => {
      const { command } = await openFolder(context)
      const game = await startRegistryGame(version, hook && { hook })
      context.after(() => game.close())
      const settings = { DATABASE_URL: game.database.url, DATA_DIR: game.dataDir, BOARD_FILE: game.boardFile }
      const check = async (more: Record<string, string> = { BASE_URL: game.url }) => {
        const { code, out, errors } = await command(['board', 'check'], { ...settings, ...more })
        return { code, told: /^ .* notifications .*$/m.exec(out)?.[0] ?? out + errors }
      }
      return { game, check }
    }
    const hear = async (context: TestContext, { database }: Pick<RegistryGame, 'database'>) => {
      const heard: string[] = []
      const stop = await hearProbes(database.sql, (digest) => heard.push(digest))
      context.after(stop)
      return heard
    }

    test('says that notifications arrive, and nothing of what it pushed stays', async (context) => {
      const { game, check } = await open(context)
      const heard = await hear(context, game)
      const tara = await game.register('Tara')
      assert.deepEqual(await check(), { code: 0, told: arrive })
      assert.deepEqual(await check(), { code: 0, told: arrive })
      assert.equal(new Set(heard).size, 2, 'each check waits for what it pushed itself')
      const [slug = '', repository = ''] = probed.split('/')
      for (const digest of heard) {
        const signal = AbortSignal.timeout(5000)
        assert.equal(await game.registry.blobSize(slug, repository, digest, signal), null)
      }
      const { body } = await tokenAt(game, `scope=repository:${probed}:pull,push,delete`, {
        authorization: basic(tara.slug, tara.token),
      })
      assert.deepEqual(accessOf(body), [{ type: 'repository', name: probed, actions: ['pull'] }])
      const tags = await fetch(`http://${game.host}/v2/${probed}/tags/list`, {
        headers: { authorization: `Bearer ${body.token}` },
      })
      assert.equal(tags.status, 404)
    })

    test('says what to do where the key of notifications is another, or nobody is where they go', async (context) => {
      const nowhere = `http://localhost:${await freePort('127.0.0.1')}/hooks/registry`
      const wrong = await Promise.all([open(context, { key: 'another' }), open(context, { url: nowhere })])
      for (const { game, told } of await Promise.all(
        wrong.map(async ({ game, check }) => ({ game, told: await check() })),
      )) {
        assert.equal(told.code, 1)
        assert.match(told.told, /^ {2}fault {4}notifications none came of a push within \d+ seconds/)
        assert.ok(told.told.includes(` must reach this server at ${game.url}/hooks/registry, or`), told.told)
        assert.match(told.told, /: run "bin\/shambhala registry config" again, with --hook where/)
      }
    })

    test('cannot tell where no server runs, even while somebody else checks', async (context) => {
      const { game, check } = await open(context)
      const database = await testDatabase()
      context.after(() => database.close())
      await hear(context, { database })
      assert.deepEqual(await check({ DATABASE_URL: database.url, BASE_URL: game.url }), {
        code: 0,
        told: '  warning  notifications cannot tell: no server runs. Start it, then check again',
      })
    })

    test('says that a push fails, where the registry cannot write', async (context) => {
      const { game, check } = await open(context)
      const blobs = join(game.storage, 'docker', 'registry', 'v2', 'blobs')
      await rm(blobs, { recursive: true, force: true })
      await mkdir(join(blobs, '..'), { recursive: true })
      await writeFile(blobs, 'no folder')
      const { code, told } = await check()
      assert.equal(code, 1)
      assert.match(told, /^ {2}fault {4}notifications cannot be tried, as a push fails: .* 5\d\d /)
    })

    test('believes the registry alone, and nothing but a push of its own', async (context) => {
      const { game } = await open(context)
      const heard = await hear(context, game)
      const digestOf = (digit: number) => `sha256:${String(digit).repeat(64)}`
      const push = (digit: number, repository = probed, action = 'push') => ({
        action,
        target: { mediaType: 'application/octet-stream', repository, digest: digestOf(digit) },
      })
      const tell = async (events: unknown[], key = hookKey(game.game.secret)) =>
        await fetch(`${game.url}/hooks/registry`, {
          method: 'POST',
          body: JSON.stringify({ events }),
          headers: { authorization: `Bearer ${key}` },
        })
      assert.equal((await tell([push(1)], 'another')).status, 401)
      const others = [push(2, 'tara/board-check'), push(3, `${probed}/more`), push(4, probed, 'pull')]
      assert.equal((await tell([...others, push(5, probed, 'delete'), push(6)])).status, 200)
      await until('what is heard', 20, () => heard.length > 0)
      assert.deepEqual(heard, [digestOf(6)])
    })
  })
}
