import { createReadStream } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Inconclusive } from '../../lib/errors.ts'
import type { RegistryPlace } from './client.ts'

/** Bytes in memory, or a file or a stream of that many. */
export type Content =
  Buffer | { file: string; size: number } | { open: () => Promise<Readable>; size: number }

interface Sent {
  method: 'HEAD' | 'POST' | 'PUT'
  /** From the root, with its query. */
  path: string
  repository: string
  /** Read as well. */
  from?: string
  content?: Content
  contentType?: string
}

interface Answered {
  status: number
  location: string
}

const idleMs = 60_000

/** Uploads a blob unless the repository has it. True where it was uploaded. */
export async function putBlob(
  place: RegistryPlace,
  repository: string,
  digest: string,
  content: Content,
): Promise<boolean> {
  const there = await send(place, { method: 'HEAD', path: `/v2/${repository}/blobs/${digest}`, repository })
  if (there.status === 200) return false
  const start = await send(place, { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, repository })
  must(start, 202, repository)
  // Behind a proxy it may name a host that only players use: the way there is known already.
  const target = new URL(start.location, place.url)
  target.searchParams.set('digest', digest)
  const path = `${target.pathname}${target.search}`
  const contentType = 'application/octet-stream'
  must(await send(place, { method: 'PUT', path, repository, content, contentType }), 201, repository)
  return true
}

/** Makes a blob of one repository one of another, without its bytes. False where the registry wants them. */
export async function mountBlob(
  place: RegistryPlace,
  { from, to }: { from: string; to: string },
  digest: string,
): Promise<boolean> {
  const path = `/v2/${to}/blobs/uploads/?${new URLSearchParams({ mount: digest, from }).toString()}`
  const { status } = await send(place, { method: 'POST', path, repository: to, from })
  // What it opened instead ends with the registry's next clearing.
  if (status !== 201 && status !== 202)
    throw new Inconclusive(`the registry answered ${status} to the mount of ${digest} in ${to}`)
  return status === 201
}

/** `reference`: a tag or the manifest's digest. */
export async function putManifest(
  place: RegistryPlace,
  repository: string,
  reference: string,
  manifest: { content: Buffer; contentType: string },
): Promise<void> {
  const path = `/v2/${repository}/manifests/${reference}`
  must(await send(place, { method: 'PUT', path, repository, ...manifest }), 201, `${repository}:${reference}`)
}

function must({ status }: Answered, wanted: number, what: string): void {
  if (status !== wanted) throw new Inconclusive(`the registry answered ${status} to the upload of ${what}`)
}

async function send(place: RegistryPlace, { repository, from, content, ...one }: Sent): Promise<Answered> {
  const source = from === undefined ? '' : ` repository:${from}:pull`
  const token = await place.tokenFor(`repository:${repository}:pull,push${source}`)
  const bytes = content && (await opened(content))
  const url = new URL(one.path, place.url)
  const secure = url.protocol === 'https:'
  const open = secure ? httpsRequest : httpRequest
  const size = content === undefined ? 0 : Buffer.isBuffer(content) ? content.length : content.size
  const request = open(url, {
    method: one.method,
    agent: secure ? place.agents.https : place.agents.http,
    timeout: idleMs,
    headers: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(one.contentType !== undefined && { 'content-type': one.contentType }),
      'content-length': size,
    },
  })
  request.on('timeout', () => request.destroy(new Error('it does not answer in time')))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  try {
    if (bytes === undefined || Buffer.isBuffer(bytes)) request.end(bytes)
    else await Promise.race([answered, pipeline(bytes, request)])
    const response = await answered
    await buffer(response)
    return { status: response.statusCode ?? 0, location: response.headers.location ?? '' }
  } catch (error) {
    answered.catch(() => undefined)
    throw new Inconclusive(`${url.host}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

async function opened(content: Content): Promise<Buffer | Readable> {
  if (Buffer.isBuffer(content)) return content
  return 'file' in content ? createReadStream(content.file) : await content.open()
}
