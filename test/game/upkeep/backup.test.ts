import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { openArchive } from '../../../src/compose/forge.ts'
import { tableShapes } from '../../../src/db/copy.ts'
import { restoreBackup } from '../../../src/game/upkeep/restore.ts'
import type { Entry } from '../../../src/lib/archive.ts'
import {
  changed,
  everything,
  fillDatabase,
  openPlace,
  registryKeys,
  smallHistory,
} from '../../helpers/backup.ts'
import { faultSaying } from '../../helpers/faults.ts'

const map = { slug: 'tara', name: 'torn-map' }
const empty = { slug: 'tara', name: 'silent-bell' }

async function played(context: TestContext) {
  const place = await openPlace(context)
  await fillDatabase(place.sql)
  await place.forge.ensure(map, () => Promise.resolve(smallHistory('dong\n')))
  await place.forge.ensure(empty, () => Promise.resolve(null))
  await place.forge.ensure({ slug: 'pema', name: 'torn-map' }, () => Promise.resolve(smallHistory('ding\n')))
  return place
}

function git(dir: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

test('a hunt that was backed up stands on another server with every row, ref and secret', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  const repository = join(first.root, 'tara', 'torn-map.git')
  const sha = git(repository, 'rev-parse', 'trunk').trim()
  await first.forge.pin(map, [sha])

  const { repositories } = await second.restore(await first.backup())

  assert.equal(repositories, 3)
  const { starter_images: laid = [], keepsakes = [], ...rows } = await everything(first.sql)
  assert.ok([laid, keepsakes, ...Object.values(rows)].every((table) => table.length > 0))
  // What lies in the registry is to be looked at.
  const { starter_images: doubted = [], keepsakes: shown, ...others } = await everything(second.sql)
  assert.deepEqual(shown, [], 'what is shown once goes nowhere else')
  assert.deepEqual([doubted.length, others], [laid.length, rows])
  assert.deepEqual(second.secrets, ['f00d'.repeat(16), ...[...registryKeys].flat()])
  for (const name of ['tara/torn-map.git', 'tara/silent-bell.git', 'pema/torn-map.git']) {
    const [there, here] = [join(first.root, name), join(second.root, name)]
    assert.equal(git(here, 'for-each-ref'), git(there, 'for-each-ref'))
    assert.equal(git(here, 'symbolic-ref', 'HEAD'), git(there, 'symbolic-ref', 'HEAD'))
  }
  assert.match(git(join(second.root, 'tara', 'torn-map.git'), 'for-each-ref'), /refs\/shambhala\/evidence\//)
  git(second.dataDir, 'clone', '-q', join(second.root, 'tara', 'torn-map.git'), 'clone')
  assert.equal(git(join(second.dataDir, 'clone'), 'show', 'HEAD:bell.txt'), 'dong\n')
})

test('a backup of the version before, which knew no registry, is still read', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  const old = await changed(await first.backup(), (entries) =>
    manifest((value) => ({ ...value, keys: undefined, format: 1 }))(without(/registry-\d/)(entries)),
  )
  assert.equal((await second.restore(old)).repositories, 3)
  assert.deepEqual(second.secrets, ['f00d'.repeat(16)])
})

test('after a restore numbers go on where they were, the audit log stays shut and events are told', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  await second.restore(await first.backup())
  const { sql } = second
  const [token] = await sql<{ id: string }[]>`
    insert into tokens (member_id, name, hash) values (1, 'new', decode(repeat('ff', 32), 'hex')) returning id`
  assert.equal(token?.id, '10')
  await assert.rejects(sql`delete from audit`, /append-only/)
  let tell: (told: string) => void = () => undefined
  const told = new Promise<string>((resolve) => (tell = resolve))
  const listening = await sql.listen('event', tell)
  await sql`insert into events (kind, player_id, subject) values ('player', 1, '1')`
  assert.match(await told, /"subject" ?: ?"1"/)
  await listening.unlisten()
})

test('a backup made while players push holds, for every ref, what the ref leads to', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  const repository = join(first.root, 'tara', 'torn-map.git')
  const stop = new AbortController()
  const pushes = (async () => {
    const tree = git(repository, 'rev-parse', 'trunk^{tree}').trim()
    for (let number = 0; !stop.signal.aborted; number += 1) {
      const identity = ['-c', 'user.name=Tara', '-c', 'user.email=tara@example.org']
      const sha = git(repository, ...identity, 'commit-tree', '-p', 'trunk', '-m', `Push ${number}`, tree)
      git(repository, 'update-ref', 'refs/heads/trunk', sha.trim())
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const bytes = await first.backup()
  stop.abort()
  await pushes
  await second.restore(bytes)
  git(join(second.root, 'tara', 'torn-map.git'), 'fsck', '--connectivity-only', '--strict')
})

test('a player who is gone by the time of the repositories does not stop a backup', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  await first.forge.remove('pema')
  assert.equal((await second.restore(await first.backup())).repositories, 2)
})

test('tables come after those that they point at', async (context) => {
  const { sql } = await openPlace(context)
  const names = (await tableShapes(sql)).map(({ name }) => name)
  for (const [before, after] of [
    ['players', 'members'],
    ['submissions', 'solves'],
    ['repositories', 'pushes'],
  ] as const)
    assert.ok(names.indexOf(before) < names.indexOf(after), `${before} before ${after}`)
  assert.ok(!names.includes('migrations'))
})

test('a server with players, repositories or a running master is not restored into', async (context) => {
  const first = await played(context)
  const bytes = await first.backup()
  const before = await everything(first.sql)
  await assert.rejects(first.restore(bytes), faultSaying(/has players already.*DATA_DIR/))
  assert.deepEqual(await everything(first.sql), before)

  const second = await openPlace(context)
  await mkdir(join(second.root, 'tara'))
  await assert.rejects(second.restore(bytes), faultSaying(/holds repositories already.*DATA_DIR/))

  const third = await openPlace(context)
  const listening = await third.sql.listen('event', () => undefined)
  await assert.rejects(third.restore(bytes), faultSaying(/stop it first/))
  await listening.unlisten()
})

test('where the very last step fails, the repositories are taken back too', async (context) => {
  const [first, second] = [await played(context), await openPlace(context)]
  const bytes = await first.backup()
  const before = await everything(second.sql)
  const full = () => Promise.reject(new Error('the disk is full'))
  const { sql, repositories } = second
  const broken = { ...repositories, place: () => repositories.place().then(full) }
  await assert.rejects(
    restoreBackup(
      { sql, repositories: broken, placeSecrets: () => Promise.resolve() },
      Readable.from([bytes]),
    ),
    /the disk is full/,
  )
  assert.deepEqual(await everything(sql), before)
  assert.ok(await repositories.isEmpty())
  assert.equal((await second.restore(bytes)).repositories, 3)
})

test('where the forge keeps its own, a backup holds the rest and is restored, repositories or none beside it', async (context) => {
  const first = await openPlace(context, { keeps: false })
  await fillDatabase(first.sql)
  await first.forge.ensure(map, () => Promise.resolve(smallHistory('dong\n')))
  const bytes = await first.backup()
  for (const keeps of [false, true]) {
    const second = await openPlace(context, { keeps })
    assert.equal((await second.restore(bytes)).repositories, 0)
    const { starter_images: doubted = [], keepsakes: shown, ...others } = await everything(second.sql)
    const { starter_images: laid = [], keepsakes, ...rows } = await everything(first.sql)
    assert.deepEqual([shown, keepsakes?.length], [[], 1])
    assert.deepEqual([doubted.length, others], [laid.length, rows])
    assert.equal(await second.forge.has(map), false)
  }
})

test('a backup with repositories is refused where the forge keeps its own, and leaves nothing behind', async (context) => {
  const bytes = await (await played(context)).backup()
  const target = await openPlace(context, { keeps: false })
  const before = await everything(target.sql)
  await assert.rejects(
    target.restore(bytes),
    faultSaying(/holds repositories.*forge: embedded.*then restore/),
  )
  assert.deepEqual(await everything(target.sql), before)
  assert.deepEqual(target.secrets, [])
})

test('of board.yaml a backup reads which forge it names, and mistakes elsewhere in it stand in no way', async (context) => {
  const { dataDir } = await openPlace(context)
  const boardFile = join(dataDir, 'board.yaml')
  const archiveOf = async (text: string) => {
    await writeFile(boardFile, text)
    return await openArchive({ boardFile }, dataDir)
  }
  assert.equal(await archiveOf('forge: none\nclusters: [{ nme: main }]\n'), null)
  assert.notEqual(await archiveOf('clusters: [{ nme: main }]\n'), null)
  assert.notEqual(await openArchive({ boardFile: undefined }, dataDir), null)
  await assert.rejects(archiveOf('forge: gitlab\n'), faultSaying(/board\.yaml:1: forge: embedded, or none/))
  await rm(boardFile)
  await assert.rejects(
    openArchive({ boardFile }, dataDir),
    faultSaying(/board\.yaml:1: this file is missing/),
  )
})

function manifest(edit: (value: Record<string, unknown>) => unknown) {
  return (entries: Entry[]) =>
    entries.map((entry) =>
      entry.name === 'manifest.json'
        ? {
            ...entry,
            content: Buffer.from(
              JSON.stringify(edit(JSON.parse(entry.content.toString()) as Record<string, unknown>)),
            ),
          }
        : entry,
    )
}

function content(name: RegExp, edit: (bytes: Buffer) => Buffer) {
  return (entries: Entry[]) => {
    assert.ok(entries.some((entry) => name.test(entry.name)))
    return entries.map((entry) =>
      name.test(entry.name) ? { ...entry, content: edit(entry.content) } : entry,
    )
  }
}

const without = (name: RegExp) => (entries: Entry[]) => {
  assert.ok(entries.some((entry) => name.test(entry.name)))
  return entries.filter((entry) => !name.test(entry.name))
}

const replaced = (from: string, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1')

const rest = (content: string) => Buffer.from(content)

/** A tar of one entry, which no writer of ours would make. */
async function strange(header: { name: string; type?: 'symlink' | 'file'; linkname?: string }, size = 1) {
  const tar = pack()
  const sink = tar.entry({ ...header, size: header.type === 'symlink' ? 0 : size }, () => undefined)
  if (header.type !== 'symlink') sink.write(Buffer.alloc(1024, 'x'))
  const chunks: Buffer[] = []
  tar.finalize()
  setTimeout(() => tar.destroy(), 50)
  try {
    for await (const chunk of tar as unknown as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    // It never gets the bytes that it was promised.
  }
  return gzipSync(Buffer.concat(chunks))
}

/** What may have happened to a backup, and how the refusal begins. */
const harms: Record<string, { harm: (bytes: Buffer) => Buffer | Promise<Buffer>; says: RegExp }> = {
  'is no archive at all': { harm: () => rest('hello'), says: /damaged/ },
  'is empty': { harm: () => rest(''), says: /damaged/ },
  'was cut off in the middle': {
    harm: (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
    says: /damaged/,
  },
  'was cut off and packed again': {
    harm: (bytes) => gzipSync(gunzipSync(bytes).subarray(0, 512 * 8)),
    says: /damaged/,
  },
  'has one changed byte': {
    harm: (bytes) => gzipSync(replaced('Tea at four', 'Tea at five')(gunzipSync(bytes))),
    says: /damaged.*not what was written/,
  },
  'names a file outside': {
    harm: () => strange({ name: '../../etc/cron.d/evil', type: 'file' }),
    says: /not a name that a backup holds/,
  },
  'names a file from the root': {
    harm: () => strange({ name: '/etc/passwd', type: 'file' }),
    says: /not a name that a backup holds/,
  },
  'holds a link': {
    harm: () => strange({ name: 'secrets', type: 'symlink', linkname: '/etc' }),
    says: /a symlink, not a file/,
  },
  'promises a file of many gigabytes': {
    harm: () => strange({ name: 'manifest.json', type: 'file' }, 2 ** 40),
    says: /says that it has 1099511627776 bytes/,
  },
  'has a newer format': {
    harm: (bytes) =>
      changed(
        bytes,
        manifest((value) => ({ ...value, format: 3 })),
      ),
    says: /newer version: update/,
  },
  'names a key elsewhere': {
    harm: (bytes) =>
      changed(
        bytes,
        manifest((value) => ({ ...value, keys: ['../master'] })),
      ),
    says: /its manifest cannot be read/,
  },
  'misses a key of the registry': {
    harm: (bytes) => changed(bytes, without(/registry-1/)),
    says: /registry-1\.pem is not where it has to be/,
  },
  'has a newer schema': {
    harm: (bytes) =>
      changed(
        bytes,
        manifest((value) => ({
          ...value,
          migrations: [
            ...(value['migrations'] as unknown[]),
            ...Array.from({ length: 100 }, (_, index) => ({
              number: index + 2,
              file: `${index}.sql`,
              checksum: 'x',
            })).slice((value['migrations'] as unknown[]).length - 1),
          ],
        })),
      ),
    says: /newer version: update|another Shambhala/,
  },
  'has the schema of something else': {
    harm: (bytes) =>
      changed(
        bytes,
        manifest((value) => ({ ...value, migrations: [{ number: 1, file: '0001_x.sql', checksum: 'x' }] })),
      ),
    says: /another Shambhala/,
  },
  'names other tables': {
    harm: (bytes) =>
      changed(
        bytes,
        manifest((value) => ({ ...value, tables: [{ name: 'pg_authid', columns: ['rolname'] }] })),
      ),
    says: /its tables are not those/,
  },
  'has rows that break a rule': {
    harm: (bytes) => changed(bytes, content(/^database\/players/, replaced('active', 'flying'))),
    says: /the table players refuses/,
  },
  'misses rows that others point at': {
    harm: (bytes) => changed(bytes, without(/^database\/members/)),
    says: /the table \w+ refuses/,
  },
  'misses the pack of a repository': {
    harm: (bytes) => changed(bytes, without(/^repositories\/tara\/torn-map\/pack/)),
    says: /git .* ended with/,
  },
  'has a pack that is none': {
    harm: (bytes) =>
      changed(
        bytes,
        content(/^repositories\/tara\/torn-map\/pack/, () => rest('PACK')),
      ),
    says: /git index-pack/,
  },
  'lays a repository elsewhere': {
    harm: (bytes) =>
      changed(bytes, (entries) =>
        entries.map((entry) => ({ ...entry, name: entry.name.replace('tara/torn-map', 'tara/a.b') })),
      ),
    says: /No repository can be called/,
  },
  'brings more than a repository': {
    harm: (bytes) =>
      changed(bytes, (entries) => [
        ...entries,
        { name: 'repositories/tara/x/config', content: rest('[core]') },
      ]),
    says: /is not expected there/,
  },
}

test('what is damaged or was changed is refused in one line, and leaves nothing behind', async (context) => {
  const bytes = await (await played(context)).backup()
  const target = await openPlace(context)
  const before = await everything(target.sql)
  for (const [what, { harm, says }] of Object.entries(harms)) {
    await context.test(`a backup that ${what}`, async () => {
      await assert.rejects(target.restore(await harm(bytes)), faultSaying(says))
      assert.deepEqual(await everything(target.sql), before)
      assert.deepEqual(target.secrets, [])
      assert.ok(await target.repositories.isEmpty())
      assert.ok(!existsSync(`${target.root}.restoring`))
    })
  }
  await writeFile(join(target.root, '.left'), '')
  assert.equal((await target.restore(bytes)).repositories, 3)
})
