import type { OutgoingHttpHeaders } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { KubeConfig } from '@kubernetes/client-node'

/** An object as one writes it; fields beside these as its kind has them. */
export interface PlainObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

export function connect(kubeconfig: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config
}

/**
 * Makes the objects, or makes them what is said here; in the order given. They are sent as they are: the client's own object API
 * knows the field `from` of a NetworkPolicy as `_from` and drops it by its real name, which would let everybody in.
 */
export async function applyObjects(kubeconfig: string, objects: readonly PlainObject[]): Promise<void> {
  const config = connect(kubeconfig)
  for (const object of objects) {
    const { name, namespace } = object.metadata
    const base = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
    const { resources } = JSON.parse(await call(config, base)) as { resources: Resource[] }
    const resource = resources.find((one) => one.kind === object.kind && !one.name.includes('/'))
    if (!resource) throw new Error(`There is no ${object.kind} in ${object.apiVersion}.`)
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`
    await call(config, `${base}${scope}/${resource.name}/${name}?fieldManager=hunt-board&force=true`, object)
  }
}

interface Resource {
  name: string
  kind: string
}

async function call(config: KubeConfig, path: string, patch?: PlainObject): Promise<string> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  // A token comes with the options, and must go along.
  const given = options.headers as OutgoingHttpHeaders | undefined
  const headers = { ...given, 'Content-Type': 'application/apply-patch+yaml' }
  const url = `${config.getCurrentCluster()?.server}${path}`
  return await new Promise((resolve, reject) => {
    const sent = request(url, { ...options, ...(patch && { method: 'PATCH', headers }) }, (response) => {
      text(response).then((body) => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(body)
        else reject(new Error(`${patch ? 'PATCH' : 'GET'} ${path}: ${status} ${body}`))
      }, reject)
    })
    sent.on('error', reject)
    sent.end(patch && JSON.stringify(patch))
  })
}
