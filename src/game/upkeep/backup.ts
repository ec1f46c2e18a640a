import type { Writable } from 'node:stream'
import { z } from 'zod'
import type { RepositoryArchive, RepositoryRef } from '../../board/forge/types.ts'
import type { Database } from '../../db/client.ts'
import { copyOut, lastNumbers, tableShapes } from '../../db/copy.ts'
import { allRepositories } from '../../db/repositories.ts'
import { writeArchive, type ArchiveWriter } from '../../lib/archive.ts'
import { packageVersion } from '../../lib/root.ts'

/** The layout of a backup; it changes where an older version could no longer read a new one. */
export const backupFormat = 2
export const manifestName = 'manifest.json'
export const secretName = 'secrets/master'
export const keyPrefix = 'secrets/'
/** Files with keys that sign the registry's tokens. Players cannot choose them, but whoever wrote the backup could. */
export const keyShape = /^registry-\d{1,6}\.pem$/

export const manifestSchema = z.object({
  format: z.number().int().min(1).max(backupFormat),
  version: z.string().max(100),
  madeAt: z.iso.datetime(),
  migrations: z.array(z.object({ number: z.number().int(), file: z.string(), checksum: z.string() })).min(1),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  /** The last number of each identity column. */
  numbers: z.record(z.string(), z.string().regex(/^\d{1,19}$/)),
  /** Names of the files with the registry's keys; format 1 had none. */
  keys: z.array(z.string().regex(keyShape)).max(100).default([]),
})
export type Manifest = z.infer<typeof manifestSchema>

export const tablePrefix = (name: string): string => `database/${name}`
export const repositoryPrefix = ({ slug, name }: RepositoryRef): string => `repositories/${slug}/${name}`

export interface BackupSource {
  sql: Database
  secret: string
  /** The registry's keys by the names of their files. */
  keys: ReadonlyMap<string, string>
  /** null where they do not lie with this server: none goes into the backup. */
  repositories: RepositoryArchive | null
}

/**
 * Writes everything that a hunt is made of, also while it runs. The database is read as of one instant, and the
 * repositories after it: whatever commit a row names was pushed before the row, and is there.
 */
export async function writeBackup(
  source: BackupSource,
  target: Writable,
): Promise<{ tables: number; repositories: number }> {
  const { sql, repositories: archive } = source
  let counts = { tables: 0, repositories: 0 }
  await writeArchive(target, async (writer) => {
    const repositories = await sql.begin('isolation level repeatable read read only', async (snapshot) => {
      const tables = await tableShapes(snapshot)
      const manifest: Manifest = {
        format: backupFormat,
        version: packageVersion(),
        madeAt: new Date().toISOString(),
        migrations: await snapshot<Manifest['migrations']>`
          select number, file, checksum from migrations order by number`,
        tables,
        numbers: await lastNumbers(snapshot),
        keys: [...source.keys.keys()],
      }
      await writer.add(manifestName, JSON.stringify(manifest, null, 2))
      await writer.add(secretName, source.secret)
      for (const [name, key] of source.keys) await writer.add(`${keyPrefix}${name}`, key)
      for (const table of tables) await writer.addParts(tablePrefix(table.name), copyOut(snapshot, table))
      counts = { ...counts, tables: tables.length }
      return await allRepositories(snapshot)
    })
    if (!archive) return
    for (const repository of repositories) {
      if (await addRepository(writer, archive, repository)) counts.repositories += 1
    }
  })
  return counts
}

/** The refs before the objects: a push meanwhile adds objects that no ref here needs, never the other way round. */
async function addRepository(
  writer: ArchiveWriter,
  archive: RepositoryArchive,
  repository: RepositoryRef,
): Promise<boolean> {
  const refs = await archive.refs(repository)
  // The player left since the database was read.
  if (!refs) return false
  const prefix = repositoryPrefix(repository)
  await writer.addParts(`${prefix}/refs`, piece(JSON.stringify(refs)))
  if (Object.keys(refs.refs).length > 0)
    await writer.addParts(`${prefix}/pack`, archive.pack(repository, refs))
  return true
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* piece(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}
