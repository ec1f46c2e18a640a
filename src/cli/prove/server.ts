import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { serverIdOf } from '../../core/owner.ts'
import { fallbackDir, findDataFolder } from '../../db/embedded/data-folder.ts'
import { databaseUser } from '../../db/embedded/user.ts'
import { keptSecret } from '../../lib/secrets.ts'

/**
 * What the hunt's own server is called on clusters: by it, that server knows what a proof that was killed left there. undefined
 * where the hunt has no board.
 */
export async function huntServerId(config: Config): Promise<string | undefined> {
  const { boardFile, masterSecret, databaseUrl, dataDir } = config
  if (boardFile === undefined) return undefined
  if (masterSecret !== undefined) return serverIdOf(masterSecret)
  const folder = databaseUrl === undefined ? await embeddedFolder(dataDir) : dataDir
  return serverIdOf(keptSecret(join(folder, 'secrets', 'master')))
}

async function embeddedFolder(wanted: string): Promise<string> {
  const user = await databaseUser([wanted, fallbackDir])
  return (await findDataFolder(wanted, fallbackDir, user)).dataDir
}
