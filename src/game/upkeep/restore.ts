import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { RepositoryArchive, RepositoryRef } from '../../board/forge/types.ts'
import type { Database, Sql } from '../../db/client.ts'
import {
  continueNumbers,
  copyIn,
  dropSchema,
  silenceTriggers,
  tableShapes,
  wakeTriggers,
  type TableShape,
} from '../../db/copy.ts'
import { migrateWithin, migrationsFolder, readMigrations, type Migration } from '../../db/migrate.ts'
import { doubtImages } from '../../db/starter-images.ts'
import { holdsPeople, isServed } from '../../db/use.ts'
import { createCursor, readArchive, type Cursor } from '../../lib/archive.ts'
import { Fault } from '../../lib/errors.ts'
import {
  backupFormat,
  keyPrefix,
  manifestName,
  manifestSchema,
  repositoryPrefix,
  secretName,
  tablePrefix,
  type Manifest,
} from './backup.ts'

export interface RestoreTarget {
  sql: Database
  /** null where they do not lie with this server: a backup that holds any is refused. */
  repositories: RepositoryArchive | null
  /** Makes them the secret and the registry's keys of this server. Throws a `Fault` where they cannot be. */
  placeSecrets(secret: string, keys: ReadonlyMap<string, string>): Promise<void>
}

const refsSchema = z.object({ head: z.string(), refs: z.record(z.string(), z.string()) })

/** Fills an empty server from a backup, whole or not at all. Throws a `Fault` that says in one line what is in the way. */
export async function restoreBackup(
  target: RestoreTarget,
  source: Readable,
): Promise<Manifest & { repositories: number }> {
  const archive = target.repositories
  const cursor = createCursor(readArchive(source))
  try {
    return await target.sql.begin(async (sql) => {
      await refuseUnlessEmpty(sql, archive)
      await archive?.discard()
      const manifest = readManifest(await cursor.take(manifestName))
      const secret = (await cursor.take(secretName)).toString()
      const keys = new Map<string, string>()
      for (const name of manifest.keys) keys.set(name, (await cursor.take(`${keyPrefix}${name}`)).toString())
      await restoreDatabase(sql, manifest, cursor)
      let repositories = 0
      for (let next = await cursor.peek(); next; next = await cursor.peek()) {
        if (!archive) throw notTakenIn()
        await stageRepository(archive, next.name, cursor)
        repositories += 1
      }
      // The last that can go wrong in the database; after it, what lies beside it is put in place.
      await sql`set constraints all immediate`
      await target.placeSecrets(secret, keys)
      await archive?.place()
      return { ...manifest, repositories }
    })
  } catch (error) {
    await archive?.discard()
    throw error
  } finally {
    await cursor.close()
  }
}

function notTakenIn(): Fault {
  return new Fault(
    'The backup holds repositories, and this board’s forge takes none in: write forge: embedded into board.yaml, then restore.',
  )
}

async function refuseUnlessEmpty(sql: Sql, archive: RepositoryArchive | null): Promise<void> {
  if (await isServed(sql)) throw new Fault('A server uses this database: stop it first, then restore.')
  if (await holdsPeople(sql))
    throw new Fault(
      'This server has players already: restore with DATA_DIR naming a new folder, or DATABASE_URL an empty database.',
    )
  if (archive && !(await archive.isEmpty()))
    throw new Fault('DATA_DIR holds repositories already: restore with DATA_DIR naming a new folder.')
}

function readManifest(content: Buffer): Manifest {
  const found = parseJson(content)
  const { format } = z.object({ format: z.number() }).catch({ format: 0 }).parse(found)
  if (format > backupFormat)
    throw new Fault('The backup was written by a newer version: update this one, then restore.')
  const manifest = manifestSchema.safeParse(found)
  if (!manifest.success) throw new Fault('The backup is damaged: its manifest cannot be read.')
  return manifest.data
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString())
  } catch {
    return undefined
  }
}

/** An older backup comes into the schema that it was made with, and moves on from there as its server would have. */
async function restoreDatabase(sql: Sql, manifest: Manifest, cursor: Cursor): Promise<void> {
  const known = await readMigrations(migrationsFolder())
  const then = sameMigrations(manifest, known)
  await dropSchema(sql)
  await migrateWithin(sql, then)
  const tables = await tableShapes(sql)
  if (namesOf(manifest.tables) !== namesOf(tables))
    throw new Fault('The backup is damaged: its tables are not those of the version that it names.')
  await silenceTriggers(sql, tables)
  // What a migration put there comes out of the backup, too.
  for (const { name } of tables.toReversed()) await sql`delete from ${sql(name)}`
  for (const table of manifest.tables) await copyIn(sql, table, cursor.parts(tablePrefix(table.name)))
  await sql`set constraints all immediate`
  await continueNumbers(sql, manifest.numbers)
  await wakeTriggers(sql, tables)
  await migrateWithin(sql, known)
  // The registry's storage is not in the backup: it may be empty, or ahead.
  await doubtImages(sql)
}

function sameMigrations(manifest: Manifest, known: readonly Migration[]): Migration[] {
  return manifest.migrations.map(({ number, file, checksum }, index) => {
    const ours = known[index]
    if (!ours) throw new Fault('The backup was written by a newer version: update this one, then restore.')
    if (ours.number !== number || ours.checksum !== checksum)
      throw new Fault(
        `The backup comes from another Shambhala: its ${file} is not this version’s ${ours.file}.`,
      )
    return ours
  })
}

function namesOf(tables: readonly TableShape[]): string {
  return JSON.stringify(tables.map(({ name, columns }) => [name, columns.toSorted()]).toSorted())
}

async function stageRepository(archive: RepositoryArchive, entry: string, cursor: Cursor): Promise<void> {
  const [, slug, name] = /^repositories\/([^/]+)\/([^/]+)\/refs\/00001$/.exec(entry) ?? []
  if (slug === undefined || name === undefined)
    throw new Fault(`The backup is damaged: ${JSON.stringify(entry)} is not expected there.`)
  const repository: RepositoryRef = { slug, name }
  const prefix = repositoryPrefix(repository)
  const chunks: Buffer[] = []
  for await (const chunk of cursor.parts(`${prefix}/refs`)) chunks.push(chunk)
  const refs = refsSchema.safeParse(parseJson(Buffer.concat(chunks)))
  if (!refs.success) throw new Fault(`The backup is damaged: the refs of ${prefix} cannot be read.`)
  const hasPack = Object.keys(refs.data.refs).length > 0
  await archive.stage(repository, refs.data, hasPack ? cursor.parts(`${prefix}/pack`) : null)
}
