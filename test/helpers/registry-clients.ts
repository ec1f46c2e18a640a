import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { lacksTools } from './board/tools.ts'
import type { RegistryGame } from './registry.ts'
import { openShell, type Ran } from './shell.ts'

export const lacksClients = () => lacksTools('buildah', 'skopeo', 'crane', 'helm3', 'helm4')

export interface Clients {
  folder: string
  /** In bash, where `b` is buildah with a store of its own. */
  run(command: string): Promise<Ran>
  /** What it printed; fails where the command does. */
  must(command: string): Promise<string>
  remove(): void
}

/** A player's machine with every client of registries, in its own folder, with a small folder `etc` to put into images. */
export async function openClients(): Promise<Clients> {
  const shell = openShell()
  const storage =
    'export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot XDG_RUNTIME_DIR=$HOME/run; mkdir -p $HOME/run;'
  const flags = '--storage-driver vfs --root $HOME/store --runroot $HOME/run/store'
  const run = (command: string) => shell.run(`set -e; ${storage} b() { buildah ${flags} "$@"; }; ${command}`)
  await run('mkdir -p etc && echo one > etc/first')
  return {
    folder: shell.folder,
    run,
    async must(command) {
      const ran = await run(command)
      assert.equal(ran.code, 0, `${command}\n${ran.stderr}`)
      return ran.stdout.trim()
    },
    remove: () => shell.remove(),
  }
}

export interface TokenAnswer {
  token: string
  access_token: string
  expires_in: number
  issued_at: string
  refresh_token?: string
  scope?: string
}

export const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

/** By GET, as Docker's token authentication says. */
export async function tokenAt(game: RegistryGame, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${game.url}/registry/token?service=${game.host}&${query}`, { headers })
  const body = (await response.json()) as TokenAnswer
  return { status: response.status, headers: response.headers, body }
}

/** By POST, as its OAuth2 form says. */
export async function tokenBy(game: RegistryGame, form: Record<string, string>) {
  const body = new URLSearchParams({ service: game.host, client_id: 'test', ...form })
  const response = await fetch(`${game.url}/registry/token`, { method: 'POST', body })
  return { status: response.status, body: (await response.json()) as TokenAnswer }
}

/** Pushes a blob by hand, in one piece. */
export async function uploadBlob(
  { host }: RegistryGame,
  { token }: TokenAnswer,
  { repository, bytes }: { repository: string; bytes: Buffer },
): Promise<{ digest: string; size: number }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  const start = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  const target = new URL(start.headers.get('location') ?? '', `http://${host}`)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  target.searchParams.set('digest', digest)
  assert.equal((await fetch(target, { method: 'PUT', headers, body: bytes })).status, 201)
  return { digest, size: bytes.length }
}

export const accessOf = ({ token }: TokenAnswer) => decodeJwt<{ access: unknown }>(token).access
