import type { Caller } from '../../src/board/registry/types.ts'
import type { Blob, BuiltImage } from './board/layout.ts'
import type { RegistryGame } from './registry.ts'

/** Pushes as clients do, though without one: `name` such as `tara/scroll:1`. Resolves when the manifest is there. */
export async function putImage(
  game: Pick<RegistryGame, 'host' | 'registry'>,
  name: string,
  { manifest, config, layers }: BuiltImage,
  caller: Caller = { kind: 'master' },
): Promise<void> {
  const [repository = '', tag = 'latest'] = name.split(':')
  const to = await repositoryOf(game, repository, caller)
  for (const blob of [config, ...layers]) await to.blob(blob)
  await to.manifest(tag, manifest)
}

/** What a client may write to one repository. */
export async function repositoryOf(
  { host, registry }: Pick<RegistryGame, 'host' | 'registry'>,
  repository: string,
  caller: Caller = { kind: 'master' },
) {
  const { token } = await registry.tokens.issue(caller, [`repository:${repository}:pull,push`])
  const ask = async (status: number, path: string | URL, init: RequestInit) => {
    const headers = { Authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
    const answer = await fetch(new URL(path, `http://${host}`), { ...init, headers })
    const text = await answer.text()
    if (answer.status !== status) throw new Error(`${init.method} ${String(path)}: ${answer.status} ${text}`)
    return answer
  }
  return {
    async blob({ digest, bytes }: Blob) {
      const begun = await ask(202, `/v2/${repository}/blobs/uploads/`, { method: 'POST' })
      const place = new URL(begun.headers.get('location') ?? '', `http://${host}`)
      place.searchParams.set('digest', digest)
      await ask(201, place, { method: 'PUT', body: new Uint8Array(bytes) })
    },
    async manifest(reference: string, { mediaType, bytes }: Blob) {
      const path = `/v2/${repository}/manifests/${reference}`
      const headers = { 'Content-Type': mediaType }
      await ask(201, path, { method: 'PUT', headers, body: new Uint8Array(bytes) })
    },
  }
}
