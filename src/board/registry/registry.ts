import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import type { RegistrySettings } from '../../core/board-file.ts'
import { isRepository } from '../../core/image-names.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { checkRegistry } from './check.ts'
import { ask, createAgents, type RegistryPlace } from './client.ts'
import { distributionFiles } from './distribution.ts'
import { isDigest } from './grammar.ts'
import { createImageReader } from './images.ts'
import { keptKeys } from './keys.ts'
import { allRepositories } from './catalog.ts'
import { copyImage } from './copy.ts'
import { layImage } from './lay.ts'
import { loadLayout } from './load.ts'
import { withBlob } from './probe.ts'
import { createTokenIssuer, masterTokens } from './token.ts'
import type { Registry } from './types.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

export interface RegistryOptions {
  settings: RegistrySettings
  /** Makes paths of the settings absolute. */
  resolvePath: (path: string) => string
  /** Folder of the keys that sign tokens. */
  secrets: string
  /** The master's secret. */
  secret: string
}

const removalMs = 30_000
const layingMs = 120_000
const pingMs = 5_000

/** A CNCF Distribution whose tokens are signed here. Nothing is asked of it before the first call. */
export function openRegistry({ settings, resolvePath, secrets, secret }: RegistryOptions): Registry {
  const { host } = settings
  const [key] = keptKeys(secrets)
  const tokens = createTokenIssuer({ key, service: host, secret })
  const authority = settings.certificateAuthority
  const ca =
    authority === undefined ? [] : [readFileSync(resolvePath(authority), 'utf8'), ...rootCertificates]
  const agents = createAgents(authority === undefined ? undefined : ca)
  const place: RegistryPlace = {
    url: settings.url ?? `${settings.plainHttp ? 'http' : 'https'}://${host}`,
    redirects: settings.redirects,
    tokenFor: masterTokens(tokens),
    agents,
  }
  const known = { ...place, host }
  return {
    host,
    plainHttp: settings.plainHttp,
    tokens,
    images: (slug) => createImageReader({ ...place, host, path: slug }),
    repositories: (signal) => allRepositories(place, signal),
    async blobSize(slug, repository, digest, signal) {
      const name = `${slug}/${repository}`
      if (!isRepository(name) || !isDigest(digest)) return null
      const call = { path: `/v2/${name}/blobs/${digest}`, scope: `repository:${name}:pull`, signal }
      const answer = await ask(place, { ...call, maxBytes: 0 })
      if (!answer) return null
      const size = Number(answer.headers['content-length'] ?? Number.NaN)
      if (!Number.isSafeInteger(size)) throw new Inconclusive(`${host} does not say how large a blob is`)
      return size
    },
    async remove(slug, repository, digest) {
      const name = `${slug}/${repository}`
      if (!isRepository(name) || !isDigest(digest)) return false
      const call = { method: 'DELETE' as const, path: `/v2/${name}/manifests/${digest}`, maxBytes: 0 }
      const signal = timeoutSignal(removalMs)
      return (await ask(place, { ...call, scope: `repository:${name}:delete`, signal })) !== null
    },
    load: (folder, name) => loadLayout(place, folder, name),
    lay: (slug, image) => layImage(known, slug, image, timeoutSignal(layingMs)),
    copy: (from, to, repository, reference) =>
      copyImage(known, { from, to, repository }, reference, timeoutSignal(layingMs)),
    configuration: (placing, options) =>
      distributionFiles({ service: host, keys: keptKeys(secrets, options), secret }, placing),
    withBlob: (repository, content, work) => withBlob(place, repository, content, work),
    async ping(signal) {
      // The root of the API says no more than that it is one; the catalogue reads the storage.
      const path = '/v2/_catalog?n=1'
      await ask(place, { path, scope: 'registry:catalog:*', totalMs: pingMs, maxBytes: 4096, signal })
    },
    check: (realm) => checkRegistry({ place, tokens, host }, realm),
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}
