import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { writeHuntImage } from '../helpers/board/hunt-images.ts'
import { busyboxPath } from '../helpers/board/node-parts.ts'
import { run } from '../helpers/board/run.ts'
import { readLayout, type Layout } from '../helpers/board/shipped.ts'
import { lacksTools } from '../helpers/board/tools.ts'

const skip =
  process.getuid?.() === 0 || process.env['CI'] === 'true'
    ? lacksTools('buildah', 'busybox')
    : 'building without a registry needs root: run "sudo make test"'

test(
  'players build on the same hearth, whether its Dockerfile or the test board made it',
  { skip },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-hearth-'))
    t.after(() => rm(folder, { recursive: true }))
    await run(join(packageRoot(), 'tools', 'images'), [folder, 'hearth'])
    await writeHuntImage(join(folder, 'board'), 'hearth:1.0')
    const [built, board] = [await readLayout(join(folder, 'hearth')), await readLayout(join(folder, 'board'))]
    for (const { config } of [built, board]) {
      assert.deepEqual(config.Env, ['PATH=/bin'])
      // An image built on it would have them too.
      assert.deepEqual([config.User, config.Labels], ['', {}])
    }
    assert.ok(built.size < 3e6, `${built.size} bytes`)
    assert.deepEqual(inside(built), inside(board))
  },
)

/** Modes and paths below the folders that both have. */
function inside({ entries }: Layout): string[] {
  const below = entries.filter(({ path }) => /^(bin\/.|etc\/passwd$|tmp$)/.test(path))
  return below.map(({ mode, path }) => `${mode} ${path}`).sort()
}

test(
  'wget of the hearth fetches a page within the seconds of -T, and ends where nobody answers',
  { skip: lacksTools('busybox') },
  async (t) => {
    const server = createServer((req, res) => req.url === '/' && res.end('a page')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const script = join(packageRoot(), 'images', 'hearth', 'wget')
    const wget = (...args: string[]) => run(busyboxPath(), ['sh', script, ...args])
    for (const timed of [['-T', '20'], ['-T20'], ['--timeout', '20'], ['--timeout=20'], []])
      assert.equal(await wget(...timed, '-q', '-O', '-', page), 'a page')
    await assert.rejects(wget('-q', '-T', '1', '-O', '-', `${page}silence`))
  },
)
