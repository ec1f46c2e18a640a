import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgents } from '../../../src/board/registry/client.ts'
import { createImageReader, type ImageReaderOptions } from '../../../src/board/registry/images.ts'
import type { ImageReader } from '../../../src/board/registry/types.ts'
import type { Blob } from './layout.ts'
import { freePort } from './control-plane.ts'
import { registryPath } from './node-parts.ts'
import { startDetached, stopAll, waitFor } from './processes.ts'

export interface OpenRegistry {
  dir: string
  host: string
  /** What the master sees of a player. */
  images(path: string): ImageReader
  /** A manifest to the byte, which clients would refuse to push or would write anew. */
  put(repository: string, reference: string, manifest: Blob): Promise<void>
  close(): Promise<void>
}

/** A real registry that lets everybody in; who may do what is tested with the tokens. */
export async function openRegistry(): Promise<OpenRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'shambhala-registry-'))
  const host = `127.0.0.1:${await freePort('127.0.0.1')}`
  const config = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: host },
    // Without this it takes no manifest that names layers elsewhere.
    validation: { manifests: { urls: { allow: ['^https?://'] } } },
  }
  const file = join(dir, 'config.json')
  await writeFile(file, JSON.stringify(config))
  const started = await startDetached(dir, 'registry', [registryPath(), 'serve', file])
  const url = `http://${host}`
  await waitFor('registry', async () => (await fetch(`${url}/v2/`)).ok, { process: started, dir })
  const agents = createAgents()
  return {
    dir,
    host,
    images: (path) => createImageReader(readerOptions(url, path, agents)),
    async put(repository, reference, { mediaType, bytes }) {
      const answer = await fetch(`${url}/v2/${repository}/manifests/${reference}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: bytes.toString(),
      })
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
    },
    async close() {
      agents.http.destroy()
      await stopAll([started])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Without tokens, and without a host that blobs may be redirected to. */
export function readerOptions(url: string, path: string, agents = createAgents()): ImageReaderOptions {
  const { host } = new URL(url)
  return { host, url, path, tokenFor: () => Promise.resolve(''), redirects: [], agents }
}
