import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { endChild, isAlive, signalGroup, signalProcess, startProgram } from '../../src/lib/process.ts'
import { until } from '../helpers/until.ts'

const env = { PATH: '/usr/bin:/bin' }

test('a child that never started is not signalled, nor is one that has ended', async (context) => {
  const never = spawn('/nonexistent/program')
  const kill = context.mock.method(never, 'kill', () => true)
  const failed = once(never, 'error')
  assert.equal(endChild(never), false)
  await failed
  assert.equal(endChild(never), false)
  assert.equal(kill.mock.callCount(), 0)
  const short = spawn('sh', ['-c', ':'])
  await once(short, 'exit')
  const again = context.mock.method(short, 'kill', () => true)
  assert.equal(endChild(short), false)
  assert.equal(again.mock.callCount(), 0)
})

test('numbers that stand for groups or for everybody are never signalled', (context) => {
  const kill = context.mock.method(process, 'kill', () => true)
  for (const pid of [0, 1, -1, -500, Number.NaN, 1.5]) {
    assert.throws(() => signalProcess(pid, 'SIGKILL'))
    assert.throws(() => signalGroup(pid, 'SIGKILL'))
  }
  assert.equal(kill.mock.callCount(), 0)
})

test('a program that cannot be started says so, and ending it does nothing', async (context) => {
  const kill = context.mock.method(process, 'kill', () => true)
  const { ended, end } = startProgram('sh', [], { cwd: '/nonexistent', env })
  end()
  const { error } = await ended
  assert.match(String(error), /ENOENT/)
  end()
  assert.equal(kill.mock.callCount(), 0)
})

test('what a program left behind ends with it, and its output is read to the end', async () => {
  const { child, ended } = startProgram('sh', ['-c', 'sleep 60 & echo $!; head -c 300000 /dev/zero'], {
    cwd: '/',
    env,
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  assert.deepEqual(await ended, { code: 0, signal: null })
  const out = Buffer.concat(chunks)
  const [line = ''] = out.toString('latin1', 0, 20).split('\n')
  assert.equal(out.length, line.length + 1 + 300_000)
  // Whoever adopts it may leave it as a zombie for a while.
  const isGone = async () =>
    !isAlive(Number(line)) || / Z /.test(await readFile(`/proc/${line}/stat`, 'utf8').catch(() => ' Z '))
  await until('the sleeper to end', 10, isGone)
})

test('ending a program ends what it started, and who asks afterwards signals nobody', async (context) => {
  const program = startProgram('sh', ['-c', 'sleep 60; true'], { cwd: '/', env })
  program.end()
  assert.equal((await program.ended).signal, 'SIGKILL')
  const kill = context.mock.method(process, 'kill', () => true)
  program.end()
  assert.equal(kill.mock.callCount(), 0)
})
