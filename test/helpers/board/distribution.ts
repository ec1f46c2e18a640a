import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Registry } from '../../../src/board/registry/types.ts'
import { howToGet } from './origins.ts'
import { startDetached, waitFor, type Started } from './processes.ts'
import { tool, toolPath } from './tools.ts'

/** Debian's Distribution 2.8, and Distribution 3. */
export const versions = ['2.8', '3'] as const
export type Version = (typeof versions)[number]
export const programs = { '2.8': 'docker-registry', '3': 'registry' } as const
export const configurations = { '2.8': 'distribution-2.yml', '3': 'distribution-3.yml' } as const

/** The newest version that is here; undefined where there is none. */
export function findVersion(): Version | undefined {
  return versions.findLast((version) => toolPath(programs[version]) !== undefined)
}

/** Why no registry of either version can run here; false where one can. */
export function lacksDistribution(): string | false {
  if (findVersion() !== undefined) return false
  return `there is no registry: ${versions.map((version) => howToGet([programs[version]])).join(', or ')}`
}

export interface Placing {
  version: Version
  /** Of its configuration, its data and its log. */
  dir: string
  port: number
  /** On the loopback address alone when not said. */
  everywhere?: boolean
  realm: string
  hook: { url: string; key: string }
}

/** A real registry with the configuration that organizers get. It outlives this process. */
export async function startDistribution(registry: Registry, placing: Placing): Promise<Started> {
  const { version, dir, port, everywhere = false, realm, hook } = placing
  const address = `127.0.0.1:${port}`
  const listen = everywhere ? `0.0.0.0:${port}` : address
  const storage = join(dir, 'data')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const file of registry.configuration({ folder: dir, storage, listen, realm, hook }))
    await writeFile(join(dir, file.name), file.content, { mode: file.secret ? 0o600 : 0o644 })
  const command = [tool(programs[version]), 'serve', join(dir, configurations[version])] as const
  const started = await startDetached(dir, 'registry', [...command])
  // Nobody is let in without a token.
  const answers = async () => (await fetch(`http://${address}/v2/`)).status === 401
  await waitFor('registry', answers, { process: started, dir, seconds: 20 })
  return started
}
