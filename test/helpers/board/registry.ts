import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './control-plane.ts'
import { machine } from './machine.ts'
import { registryPath } from './node-parts.ts'
import { startDetached, waitFor, type Started } from './processes.ts'

/** What the node asks for images that did not come with it. */
export const registries = {
  /** Holds nothing: every image is not found. */
  empty: 'board.local',
  /** Lets nobody in. */
  closed: 'closed.board.local',
} as const

/** Two real registries for pods that cannot start; the names are known to the node's containerd only. */
export async function startRegistries(dir: string): Promise<Started[]> {
  const password = { auth: { htpasswd: { realm: 'closed', path: join(dir, 'closed.htpasswd') } } }
  return await Promise.all([
    start(dir, registries.empty, {}, 200),
    start(dir, registries.closed, password, 401),
  ])
}

/** Tells the containerd of `dir` where a registry is that it reaches without TLS. */
export async function knowRegistry(dir: string, name: string, url: string): Promise<void> {
  const known = join(dir, 'registries', name)
  await mkdir(known, { recursive: true })
  await writeFile(
    join(known, 'hosts.toml'),
    `server = "${url}"\n[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`,
  )
}

async function start(dir: string, name: string, more: object, answer: number): Promise<Started> {
  const addr = `${machine.address}:${await freePort(machine.address)}`
  const config = { version: '0.1', storage: { inmemory: {} }, http: { addr }, ...more }
  const file = join(dir, `${name}.json`)
  await writeFile(file, JSON.stringify(config))
  const url = `http://${addr}`
  await knowRegistry(dir, name, url)
  const started = await startDetached(dir, name, [registryPath(), 'serve', file])
  await waitFor(name, async () => (await fetch(`${url}/v2/`)).status === answer, { process: started, dir })
  return started
}
