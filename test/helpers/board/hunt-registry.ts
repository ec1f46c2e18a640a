import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openRegistry } from '../../../src/board/registry/registry.ts'
import type { Registry } from '../../../src/board/registry/types.ts'
import type { Config } from '../../../src/config.ts'
import type { RegistrySettings } from '../../../src/core/board-file.ts'
import { hookKey } from '../../../src/game/triggers/registry-hook.ts'
import { Fault } from '../../../src/lib/errors.ts'
import { findVersion, lacksDistribution, startDistribution } from './distribution.ts'
import { isRunning, remember, stopAll, waitFor, type Started } from './processes.ts'

export interface HuntRegistry {
  /** For board.yaml. */
  settings: RegistrySettings
  registry: Registry
  close(): Promise<void>
}

interface Serving {
  /** Of its configuration, its data and its log. */
  dir: string
  port: number
  /** A name or an address by which other machines reach this one; only this one reaches it when not said. */
  host?: string | undefined
  /** Of the server that is going to run beside it. */
  config: Config
  /** Of the same server: where its secrets lie, and the master's. */
  storage: { dataDir: string; secret: string }
}

/** The registry of `make board`, which takes the tokens of the server that is started after it. */
export async function startHuntRegistry({
  dir,
  port,
  host: name,
  config,
  storage,
}: Serving): Promise<HuntRegistry> {
  const version = findVersion()
  if (!version) throw new Fault(lacksDistribution() || '')
  await claimPort(dir, port)
  const host = `${name ?? 'localhost'}:${port}`
  const settings = { host, url: `http://localhost:${port}`, plainHttp: true, redirects: [] }
  const secrets = join(storage.dataDir, 'secrets')
  const registry = openRegistry({ settings, resolvePath: (path) => path, secrets, secret: storage.secret })
  const near = nearAddress(config)
  const hook = { url: `${near}/hooks/registry`, key: hookKey(storage.secret) }
  const open = name === undefined ? near : `http://${name}:${config.port}`
  const realm = `${config.baseUrl ?? open}/registry/token`
  const started = await startDistribution(registry, {
    version,
    dir,
    port,
    everywhere: name !== undefined,
    realm,
    hook,
  })
  await remember(dir, { ...started, port })
  return {
    settings,
    registry,
    async close() {
      registry.close()
      await stopAll([started])
    },
  }
}

/** Where this machine reaches the server. */
function nearAddress({ host, port }: Config): string {
  if (port === 0) throw new Fault('PORT=0: the registry has to know the port of the server. Choose one.')
  const everywhere = host === '0.0.0.0' || host === '::'
  return `http://${everywhere ? 'localhost' : host}:${port}`
}

/** Ends the registry of an earlier run that was killed; whatever else listens there is not ours to end. */
async function claimPort(dir: string, port: number): Promise<void> {
  const text = await readFile(join(dir, 'state.json'), 'utf8').catch(() => null)
  const left = text === null ? null : (JSON.parse(text) as Started & { port: number })
  if (left && (await isRunning(left))) {
    await stopAll([left])
    // A program that has ended keeps its port until the last of its threads is gone.
    await waitFor('the registry’s port', () => isFree(left.port), { dir, seconds: 5 })
  }
  if (await isFree(port)) return
  throw new Fault(
    `Port ${port} is in use: stop the other program, or choose another port for the registry, such as REGISTRY_PORT=${port + 1} make board.`,
  )
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
