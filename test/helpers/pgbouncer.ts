import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection, isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { endChild } from '../../src/lib/process.ts'
import { makeKeys, makeServerCertificate } from './board/keys.ts'
import { howToGet } from './board/origins.ts'
import { toolPath } from './board/tools.ts'
import { freePort } from './board/control-plane.ts'
import { until } from './until.ts'

/** Why no PgBouncer can run here; false where one can. */
export const lacksPgBouncer = toolPath('pgbouncer') === undefined ? howToGet(['pgbouncer']) : false

/** The settings by which it speaks TLS alone, as hosted databases do, and the file with its authority. */
export async function withTls(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-tls-'))
  context.after(() => rm(folder, { recursive: true }))
  await makeKeys(folder)
  await makeServerCertificate(folder, ['::1'])
  await chmod(folder, 0o755)
  await chmod(join(folder, 'server.key'), 0o644)
  const settings = {
    pool_mode: 'session',
    client_tls_sslmode: 'require',
    client_tls_key_file: join(folder, 'server.key'),
    client_tls_cert_file: join(folder, 'server.crt'),
  }
  return { settings, authority: join(folder, 'ca.crt') }
}

/** A real PgBouncer before a database; the address of the database through it. */
export async function bounce(
  context: TestContext,
  url: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const { hostname, port: far, username, password, pathname } = new URL(url)
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'))
  await chmod(folder, 0o755)
  const address = settings['listen_addr'] ?? '127.0.0.1'
  const port = await freePort(address)
  const lines = {
    listen_addr: address,
    listen_port: port,
    auth_type: 'any',
    unix_socket_dir: '',
    ...settings,
  }
  const configuration = [
    '[databases]',
    `* = host=${hostname} port=${far} user=${username} password='${decodeURIComponent(password)}'`,
    '[pgbouncer]',
    ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
    '',
  ]
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(file, configuration.join('\n'))
  // It refuses to run as root.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const child = spawn('pgbouncer', ['-q', file], { cwd: folder, stdio: 'ignore', ...nobody })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  context.after(async () => {
    if (endChild(child)) await gone
    await rm(folder, { recursive: true })
  })
  await until('PgBouncer to listen', 20, () => answers(port, address))
  return `postgres://anybody@${isIPv6(address) ? `[${address}]` : address}:${port}${pathname}?sslmode=disable`
}

async function answers(port: number, address: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(port, address, () => resolve(true))
    socket.once('error', () => resolve(false)).once('connect', () => socket.destroy())
  })
}
