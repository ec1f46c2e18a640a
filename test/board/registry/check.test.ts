import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { Registry } from '../../../src/board/registry/types.ts'
import { freePort } from '../../helpers/board/control-plane.ts'
import { configurations, programs } from '../../helpers/board/distribution.ts'
import { startDetached, stopAll, waitFor, type Started } from '../../helpers/board/processes.ts'
import { tool } from '../../helpers/board/tools.ts'
import { lacksRegistry, openTestRegistry, startRegistryGame, versions } from '../../helpers/registry.ts'

const secret = 'a secret of the master that tests know'
const mend = /: run "bin\/shambhala registry config" again, put the files in place and restart the registry$/

/** What one part says, and how bad it is. */
async function partOf(registry: Registry, part: string, realm?: string): Promise<string> {
  const found = (await registry.check(realm)).filter((one) => one.part === part)
  return found.map(({ level, message }) => `${level}: ${message}`).join('\n')
}

async function listen(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return `localhost:${(server.address() as AddressInfo).port}`
}

async function openSecrets(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-check-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

for (const version of versions) {
  describe(`The check of a Distribution ${version}`, { skip: lacksRegistry(version) }, () => {
    test('says of one that is well what it can do, by whatever name it sends clients here', async (context) => {
      const game = await startRegistryGame(version)
      context.after(() => game.close())
      const realm = `${game.url}/registry/token`
      assert.deepEqual(await game.registry.check(realm), [
        { part: 'address', level: 'ok', message: `http://${game.host} answers, and asks for tokens` },
        { part: 'realm', level: 'ok', message: `sends clients to ${realm} for tokens` },
        { part: 'tokens', level: 'ok', message: 'takes those of this server' },
        { part: 'deletes', level: 'ok', message: 'players can make room' },
      ])
      const named = await partOf(game.registry, 'realm', 'https://hunt.example.org/registry/token')
      assert.equal(named, `ok: sends clients to ${realm}, where this server answers`)
    })

    /** One with a configuration of our own, changed. */
    const start = async (context: TestContext, change: (text: string) => string, realm: string) => {
      const folder = await openSecrets(context)
      const port = await freePort('127.0.0.1')
      const host = `localhost:${port}`
      const registry = openTestRegistry({ host, secrets: join(folder, 'secrets'), secret })
      const hook = { url: 'http://localhost:9/hooks/registry', key: 'key' }
      const placing = { folder, storage: join(folder, 'data'), listen: `127.0.0.1:${port}`, realm, hook }
      for (const { name, content } of registry.configuration(placing))
        await writeFile(join(folder, name), name === configurations[version] ? change(content) : content)
      const file = join(folder, configurations[version])
      const process: Started = await startDetached(folder, 'registry', [
        tool(programs[version]),
        'serve',
        file,
      ])
      const answers = async () => (await fetch(`http://${host}/v2/`)).status > 0
      await waitFor('registry', answers, { process, dir: folder, seconds: 20 })
      context.after(async () => {
        registry.close()
        await stopAll([process])
      })
      return { registry, host, folder }
    }
    const here = 'http://localhost:9/registry/token'

    test('finds that it belongs to another server, or that nobody can delete', async (context) => {
      const { registry, host, folder } = await start(
        context,
        (text) => text.replace(/delete:\n\s+enabled: true/, 'delete:\n    enabled: false'),
        here,
      )
      assert.match(
        await partOf(registry, 'deletes', here),
        /^fault: refuses them, so that nobody can make room/,
      )
      const other = openTestRegistry({ host, secrets: join(folder, 'others'), secret })
      context.after(() => other.close())
      const told = await partOf(other, 'tokens', here)
      assert.match(told, /^fault: refuses those of this server, whose key it does not know or knew before/)
      assert.match(told, mend)
      assert.equal(await partOf(other, 'deletes', here), '', 'nothing is said that cannot be known')
    })

    test('finds that clients are sent to another server, or to none', async (context) => {
      const elsewhere = await listen(context, (_, answer) => answer.end('{"token":"a.b.c"}'))
      const wanted = 'https://hunt.example.org/registry/token'
      const { registry } = await start(context, (text) => text, `http://${elsewhere}/registry/token`)
      const strange = await partOf(registry, 'realm', wanted)
      assert.match(
        strange,
        new RegExp(`^fault: sends clients to http://${elsewhere}/registry/token for tokens, `),
      )
      assert.match(
        strange,
        /, which is not this server, instead of https:\/\/hunt\.example\.org\/registry\/token: run/,
      )
      assert.match(strange, mend)
      const { registry: lost } = await start(context, (text) => text, 'http://localhost:1/registry/token')
      assert.match(await partOf(lost, 'realm'), /which cannot be asked \(.*localhost:1.*\): run/)
    })

    test('finds that it lets everybody in', async (context) => {
      const { registry } = await start(context, (text) => text.replace(/^auth:\n(?: .*\n)+/m, ''), here)
      const told = await partOf(registry, 'address', here)
      assert.match(told, /^fault: lets everybody in: run/)
      assert.match(told, mend)
    })
  })
}

test('a registry that is down, another program, and a clock that is wrong are told apart', async (context) => {
  const secrets = await openSecrets(context)
  const opened = (host: string) => {
    const registry = openTestRegistry({ host, secrets, secret })
    context.after(() => registry.close())
    return registry
  }
  assert.match(await partOf(opened('localhost:1'), 'address'), /^fault: does not answer: .*localhost:1/)
  const page = await listen(context, (_, answer) => answer.writeHead(404).end('<h1>Not here</h1>'))
  assert.match(await partOf(opened(page), 'address'), /^fault: answers 404 instead of asking for a token/)
  const late = await listen(context, (_, answer) => {
    const date = new Date(Date.now() - 90_000).toUTCString()
    const asks = `Bearer realm="http://localhost:9/registry/token",service="other"`
    answer.writeHead(401, { date, 'www-authenticate': asks }).end()
  })
  const registry = opened(late)
  assert.match(await partOf(registry, 'clock'), /^fault: is (89|90|91) seconds behind this machine’s/)
  assert.match(
    await partOf(registry, 'realm'),
    /^fault: calls itself other, and board\.yaml calls it localhost/,
  )
})
