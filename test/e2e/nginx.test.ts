import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { endChild } from '../../src/lib/process.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { wireTo, type Wire } from '../helpers/proxy.ts'
import { openShell, type Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
const nginx = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path))

describe(
  'behind Nginx, set up as README says',
  { skip: nginx ? false : 'nginx is not there: install nginx-light' },
  () => {
    let hunt: TestGame
    let shell: Shell
    let folder: string
    let proxy: ChildProcess
    let port: number
    const wires: Wire[] = []

    before(async () => {
      hunt = await startGame({
        challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
        settings: { TRUST_PROXY: 'loopback' },
      })
      shell = openShell()
      folder = await mkdtemp(join(tmpdir(), 'shambhala-nginx-'))
      port = await freePort()
      const readme = await readFile(join(packageRoot(), 'README.md'), 'utf8')
      const advised = /```nginx\n([^]*?)```/.exec(readme)?.[1] ?? ''
      const location = advised.replace('http://127.0.0.1:8080', hunt.url)
      assert.notEqual(location, advised)
      await mkdir(join(folder, 'logs'))
      await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, location))
      proxy = spawn(nginx ?? '', ['-p', folder, '-c', 'nginx.conf'], { stdio: 'ignore' })
      await until('nginx to answer', 20, async () => (await status(port)) === 200)
    })
    after(async () => {
      for (const wire of wires) wire.close()
      endChild(proxy, 'SIGTERM')
      await new Promise((resolve) => (proxy.exitCode === null ? proxy.once('exit', resolve) : resolve(null)))
      shell.remove()
      await hunt.close()
      await rm(folder, { recursive: true, force: true })
    })
    const through = (address: string, to = port) => address.replace(new URL(hunt.url).port, String(to))

    it('a push of some MiB comes in and is answered, also over a slow link', async () => {
      const ada = await hunt.register('Ada')
      const cloneUrl = hunt.cloneUrl(ada, 'first')
      await writeFile(join(shell.folder, 'large'), randomBytes(3 * 2 ** 20))
      const pushed = await shell.run(
        `git clone -q ${through(cloneUrl)} fast && cd fast && mv ../large . && echo wrong > word.txt && git add -A && git commit -qm w && git push`,
      )
      assert.equal(pushed.code, 0, pushed.stderr)
      assert.ok(pushed.remote.includes('error:   the word is written'), pushed.stderr)
      assert.match(pushed.remote.at(-1) ?? '', new RegExp(`http://localhost:${port}/hunt/first$`))

      const wire = await wireTo(port, { pace: 100_000 })
      wires.push(wire)
      await writeFile(join(shell.folder, 'slow'), randomBytes(2 ** 20))
      const slow = await shell.run(
        `cd fast && mv ../slow . && echo right > word.txt && git add -A && git commit -qm w && git push ${through(cloneUrl, wire.port)} HEAD:main`,
      )
      assert.equal(slow.code, 0, slow.stderr)
      assert.ok(slow.remote.includes('success: the word is written'), slow.stderr)
    })

    it('a push that is too large is told the server’s own limit', async () => {
      const cloneUrl = hunt.cloneUrl(await hunt.register('Bea'), 'first')
      await writeFile(join(shell.folder, 'huge'), randomBytes(22 * 2 ** 20))
      const pushed = await shell.run(
        `git clone -q ${through(cloneUrl)} huge-one && cd huge-one && mv ../huge . && git add -A && git commit -qm w && git push`,
      )
      assert.notEqual(pushed.code, 0)
      assert.ok(
        pushed.remote.some((line) => line.startsWith('hint: one push may have 20 MiB')),
        pushed.stderr,
      )
    })

    it('an event stream begins at once', async () => {
      const stop = new AbortController()
      const stream = await fetch(`http://localhost:${port}/api/v1/events`, { signal: stop.signal })
      assert.equal(stream.status, 200)
      const first = (await stream.body?.getReader().read()) as { value?: Uint8Array } | undefined
      stop.abort()
      assert.ok((first?.value?.length ?? 0) > 0)
    })
  },
)

/** Nginx as a program of this test alone: no service, no files of the system but the types of files. */
function configuration(folder: string, port: number, location: string): string {
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  )
  return `daemon off;
pid nginx.pid;
error_log logs/error.log;
events {}
http {
  access_log off;
  ${kept.join('\n  ')}
  server {
    listen localhost:${port};
    ${location}
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function status(port: number): Promise<number> {
  return await fetch(`http://localhost:${port}/healthz`).then(
    ({ status }) => status,
    () => 0,
  )
}
