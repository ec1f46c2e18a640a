import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFile, cp } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { openFolder } from '../helpers/serve.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.family === 'IPv6')

test('where a code is asked for and none is set, the start says so, and how to set one', async (context) => {
  const { serve, top } = await openFolder(context)
  const CHALLENGES_DIR = join(top, 'hunt')
  await cp(small, CHALLENGES_DIR, { recursive: true })
  await appendFile(join(CHALLENGES_DIR, 'hunt.yaml'), 'registration: code\n')
  const locked = await serve({ CHALLENGES_DIR })
  assert.match(locked.said(), /Join +nobody yet: a code is asked for.*REGISTRATION_CODE=.*desk/)
  await locked.stop('SIGINT')
  const open = await serve({ CHALLENGES_DIR, REGISTRATION_CODE: 'yak-butter-tea' })
  assert.doesNotMatch(open.said(), /Join/)
})

test(
  'by default the server is reached over both families, and an address of IPv6 is printed as browsers take it',
  { skip: hasIPv6 ? false : 'this machine has no IPv6' },
  async (context) => {
    const { serve } = await openFolder(context)
    const both = await serve({ HOST: '' })
    const { port } = new URL(both.url)
    assert.equal(new URL(both.url).hostname, 'localhost')
    for (const host of ['127.0.0.1', '[::1]'])
      assert.equal((await fetch(`http://${host}:${port}/healthz`)).status, 200, host)
    await both.stop('SIGINT')
    const six = await serve({ HOST: '[::1]', BASE_URL: '' })
    assert.equal(new URL(six.url).hostname, '[::1]')
    assert.equal((await fetch(`${six.url}/healthz`)).status, 200)
  },
)

test('nobody who stops reading early is shown a stack, and the work is done all the same', async () => {
  const run = async (verb: string): Promise<string> => {
    // Whoever reads is gone before a word is said.
    const script = `(sleep 1; node --import tsx src/main.ts ${verb}; echo "code $?" >&2) | true`
    const child = spawn('bash', ['-c', script], { cwd: packageRoot(), stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) said += chunk.toString()
    return said.trim()
  }
  const verbs = ['config', 'lint test/fixtures/hunt-small', '--help', 'prove --help', 'config --markdown']
  for (const verb of verbs) assert.equal(await run(verb), 'code 0', verb)
})

test('output that finds no room is told in one line, and the version is printed for who asks', async () => {
  const run = async (line: string): Promise<string> => {
    const child = spawn('bash', ['-c', line], { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const hear = async (stream: AsyncIterable<Buffer>) => {
      for await (const chunk of stream) said += chunk.toString()
    }
    await Promise.all([hear(child.stdout), hear(child.stderr)])
    return said.trim()
  }
  const told = await run('node --import tsx src/main.ts config --markdown > /dev/full; echo "code $?"')
  assert.match(told, /^The output cannot be written: ENOSPC[^\n]*\ncode 1$/)
  assert.match(await run('node --import tsx src/main.ts --version'), /^\d+\.\d+\.\d+$/)
})

test('whoever stops reading a backup is told that it is not whole', async (context) => {
  const { serve, top } = await openFolder(context)
  await (await serve({})).stop('SIGINT')
  const line = '(sleep 1; node --import tsx src/main.ts backup -; echo "code $?" >&2) | true'
  const env = { PATH: process.env.PATH, HOME: top, DATA_DIR: join(top, 'data') }
  const child = spawn('bash', ['-c', line], { cwd: packageRoot(), env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  for await (const chunk of child.stderr as AsyncIterable<Buffer>) said += chunk.toString()
  assert.match(
    said,
    /^Whoever read the backup stopped before its end: what they have is not whole\.\ncode 1\n$/,
  )
})
