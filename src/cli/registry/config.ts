import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Registry } from '../../board/registry/types.ts'
import { hookKey } from '../../game/triggers/registry-hook.ts'
import { Fault } from '../../lib/errors.ts'

export interface ConfigOptions {
  folder?: string
  storage: string
  listen: string
  realm?: string
  hook?: string
  renew?: boolean
}

interface Opened {
  registry: Registry
  secret: string
  baseUrl: string | undefined
}

/** `registry config`: what the registry needs to take our tokens and to tell us of pushes. */
export async function writeConfiguration(
  { registry, secret, baseUrl }: Opened,
  folder: string,
  { renew = false, ...options }: ConfigOptions,
  say: (line: string) => void,
): Promise<void> {
  const server = options.realm ?? baseUrl
  if (server === undefined) throw new Fault('Say by BASE_URL or --realm where clients reach this server.')
  const files = registry.configuration(
    {
      folder: options.folder ?? resolve(folder),
      storage: options.storage,
      listen: options.listen,
      realm: realmAt(server),
      hook: { url: hookAt(options.hook ?? server), key: hookKey(secret) },
    },
    { renew },
  )
  await mkdir(folder, { recursive: true })
  for (const { name, content, secret: hidden } of files) {
    await writeFile(join(folder, name), content, { mode: hidden ? 0o600 : 0o644 })
    say(join(folder, name))
  }
  say('Start the registry with distribution-3.yml, or with distribution-2.yml where it is a 2.8.')
  if (renew) say('Restart the registry first, then this server: from then on it signs with the new key.')
}

/** Where clients get tokens from a server at this address. */
export function realmAt(server: string): string {
  return addressOf(server, '/registry/token')
}

/** Where the registry tells a server at this address what was pushed. */
export function hookAt(server: string): string {
  return addressOf(server, '/hooks/registry')
}

function addressOf(server: string, path: string): string {
  if (!URL.canParse(server)) throw new Fault(`${server} is no address such as https://hunt.example.org.`)
  const base = server.replace(/\/+$/, '')
  return base.endsWith(path) ? base : `${base}${path}`
}
