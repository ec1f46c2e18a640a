import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, cp, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAlive, signalProcess } from '../../src/lib/process.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { pidIn } from '../helpers/embedded.ts'
import { openFolder, type Command, joinAs, type Joined } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

/** One line on stderr that matches, no stack, exit code 1. */
function refused({ code, out, errors }: Command, says: RegExp): void {
  assert.equal(code, 1, out + errors)
  assert.match(errors, says)
  assert.equal(errors.trimEnd().split('\n').length, 1, errors)
}

async function nameOf(url: string, { token }: Joined): Promise<string> {
  const response = await fetch(`${url}/api/v1/me`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(20_000),
  })
  assert.equal(response.status, 200, await response.clone().text())
  return ((await response.json()) as { name: string }).name
}

test('a server says where to play, where to organize, where the data are and how to stop', async (context) => {
  const { serve, dataDir } = await openFolder(context)
  const { url, organizer, said } = await serve()
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.match(organizer, new RegExp(`^${url}/organizer/\\S{20,}$`))
  assert.ok(said().includes(dataDir))
  assert.match(said(), /Stop +Ctrl-C/)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
})

test('Ctrl-C stops all of it, PostgreSQL too', async (context) => {
  const { serve, dataDir } = await openFolder(context)
  const served = await serve()
  assert.ok(isAlive(await pidIn(dataDir)))
  assert.equal(await served.stop('SIGINT'), 0, served.said())
  // PostgreSQL takes its pid file away as the last thing of an orderly end.
  await assert.rejects(pidIn(dataDir), /ENOENT/)
})

test('a terminal that is closed stops all of it in order, PostgreSQL too', async (context) => {
  const { serve, dataDir } = await openFolder(context)
  const served = await serve()
  assert.equal(await served.stop('SIGHUP'), 0, served.said())
  await assert.rejects(pidIn(dataDir), /ENOENT/)
})

test('a Ctrl-C that comes while the server starts ends in order too', async (context) => {
  const { interruptStart, dataDir } = await openFolder(context)
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const { code, out, errors } = await interruptStart(port)
  assert.equal(code, 0, out + errors)
  await assert.rejects(pidIn(dataDir), /ENOENT/)
})

test('a server whose PostgreSQL dies serves again by itself', async (context) => {
  const { serve, dataDir } = await openFolder(context)
  const { url } = await serve()
  const tara = await joinAs(url, 'Tara')
  signalProcess(await pidIn(dataDir), 'SIGKILL')
  const ready = async () => (await fetch(`${url}/readyz`)).status
  await until('the server to notice', 30, ready, (status) => status === 503, 20)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  await until('the database to be back', 90, ready, (status) => status === 200)
  assert.equal(await nameOf(url, tara), 'Tara')
})

test('a server whose PostgreSQL cannot be started again ends with a line that says so, for its supervisor', async (context) => {
  const { serve, dataDir } = await openFolder(context)
  const served = await serve()
  const cluster = join(dataDir, 'postgres', 'cluster')
  await rename(join(cluster, 'global'), join(cluster, 'lost'))
  signalProcess(await pidIn(dataDir), 'SIGKILL')
  assert.equal(await served.ended(), 1, served.said())
  assert.match(served.said(), /^The database has ended and cannot be started again: .+$/m)
  assert.doesNotMatch(served.said(), /^ +at /m)
})

test('after kill -9 the next start finds everybody', async (context) => {
  const { serve } = await openFolder(context)
  const first = await serve()
  const tara = await joinAs(first.url, 'Tara')
  await first.stop('SIGKILL')
  const second = await serve()
  assert.equal(await nameOf(second.url, tara), 'Tara')
})

test('a port in use is said in one line, before anything is started', async (context) => {
  const { command, dataDir } = await openFolder(context)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  context.after(() => other.close())
  const { port } = other.address() as AddressInfo
  refused(await command(['serve'], { PORT: String(port) }), new RegExp(`Port ${port} is in use.*PORT=`))
  await assert.rejects(stat(dataDir))
})

test('a broken challenge is said in one line with its place', async (context) => {
  const { command, top } = await openFolder(context)
  const challenges = join(top, 'challenges')
  await cp(join(packageRoot(), 'challenges'), challenges, { recursive: true })
  const file = join(challenges, '01-torn-map', 'challenge.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^points:.*$/m, 'points: plenty'))
  refused(
    await command(['serve'], { CHALLENGES_DIR: challenges }),
    /01-torn-map\/challenge\.yaml:\d+: .*(points|number)/,
  )
})

test('an old git is said in one line', async (context) => {
  const { command, top } = await openFolder(context)
  // Stands for an installation of 2021, which no machine of ours has any more.
  const bin = join(top, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.0\n')
  await chmod(join(bin, 'git'), 0o755)
  refused(
    await command(['serve'], { PATH: `${bin}:${process.env.PATH ?? ''}` }),
    /git version 2\.30\.0 is too old: install git 2\.36/,
  )
})

test('a wrong setting stops the server before it begins', async (context) => {
  const { command } = await openFolder(context)
  const { code, errors } = await command(['serve'], { PORT: 'eighty' })
  assert.equal(code, 1)
  assert.match(errors, /PORT: .*Example: PORT=8080/)
})

test('a backup made beside the running server brings the players to another machine', async (context) => {
  const [here, there] = [await openFolder(context), await openFolder(context)]
  const served = await here.serve()
  const tara = await joinAs(served.url, 'Tara')
  const file = join(here.top, 'hunt.tar.gz')
  const secretOf = (dataDir: string, name: string) => readFile(join(dataDir, 'secrets', name), 'utf8')
  await writeFile(join(here.dataDir, 'secrets', 'registry-1.pem'), 'a key that the registry knows')

  const made = await here.command(['backup', file])
  assert.equal(made.code, 0, made.errors)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  refused(await here.command(['backup', file]), /is there already/)
  refused(await here.command(['backup', join(here.top, 'no', 'file')]), /folder/)
  refused(await here.command(['restore', file]), /Another server .*stop it first/)
  assert.equal(await nameOf(served.url, tara), 'Tara')

  const elsewhere = { BOARD_FILE: join(here.top, 'board.yaml') }
  await writeFile(elsewhere.BOARD_FILE, 'forge: none\n')
  const bare = await here.command(['backup', join(here.top, 'bare.tar.gz')], elsewhere)
  assert.match(bare.out, /tables, no repositories, since they do not lie with this server, /)
  refused(await there.command(['restore', file], elsewhere), /holds repositories.*forge: embedded/)

  refused(await there.command(['restore', join(there.top, 'nothing.gz')]), /is not there/)
  const foreign = { MASTER_SECRET: 'x'.repeat(64) }
  refused(await there.command(['restore', file], foreign), /MASTER_SECRET is not the secret/)
  await mkdir(join(there.dataDir, 'secrets'), { recursive: true })
  await writeFile(join(there.dataDir, 'secrets', 'registry-2.pem'), 'a key that it does not know')
  const restored = await there.command(['restore', file])
  assert.equal(restored.code, 0, restored.errors)
  refused(await there.command(['restore', file]), /has players already/)
  const second = await there.serve()
  assert.equal(await nameOf(second.url, tara), 'Tara')
  for (const name of ['master', 'registry-1.pem'])
    assert.equal(await secretOf(there.dataDir, name), await secretOf(here.dataDir, name))
  assert.equal((await stat(join(there.dataDir, 'secrets', 'registry-1.pem'))).mode & 0o777, 0o600)
  await assert.rejects(secretOf(there.dataDir, 'registry-2.pem'), 'which would sign from now on')
})
