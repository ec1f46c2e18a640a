import { get as httpGet, type Agent } from 'node:http'
import { buffer } from 'node:stream/consumers'

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** An answer's bytes, with nothing of ours around the call. */
export async function get(agent: Agent, url: string): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const request = httpGet(url, { agent, headers: { accept } }, (response) => {
      if (response.statusCode === 200) buffer(response).then(resolve, reject)
      else reject(new Error(`${url} answered ${response.statusCode ?? 0}`))
    })
    request.on('error', reject)
  })
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
}
