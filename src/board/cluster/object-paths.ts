import { Inconclusive } from '../../lib/errors.ts'
import type { Connection } from './connection.ts'
import { isAbsent } from './failure.ts'
import type { KindRef } from './types.ts'

/** The address of a kind's list, such as `/apis/apps/v1/namespaces/n/deployments`. Unknown kinds are `Inconclusive`. */
export type PathOf = (kind: KindRef, namespace?: string) => Promise<string>

interface Resource {
  name: string
  kind: string
  namespaced: boolean
}

interface Discovery {
  connection: Connection
  /** By `apiVersion`. */
  known: Map<string, { at: number; resources: Promise<Resource[]> }>
}

const versionName = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?v[0-9][a-z0-9]*$/
const forgetMs = 300_000

/** Asks the API server which kinds it knows, and keeps that for five minutes. */
export function createPathOf(connection: Connection): PathOf {
  const discovery: Discovery = { connection, known: new Map() }
  return async ({ apiVersion, kind }, namespace) => {
    if (!versionName.test(apiVersion)) throw new Inconclusive('this is no API version of Kubernetes')
    const find = async () => (await resourcesOf(discovery, apiVersion)).find((one) => one.kind === kind)
    let resource = await find()
    if (!resource) {
      // It may have been installed since.
      discovery.known.delete(apiVersion)
      resource = await find()
    }
    if (!resource) throw new Inconclusive(`the cluster knows no ${kind} of ${apiVersion}`)
    const scope =
      resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    return `${groupPath(apiVersion)}${scope}/${resource.name}`
  }
}

async function resourcesOf({ connection, known }: Discovery, apiVersion: string): Promise<Resource[]> {
  const kept = known.get(apiVersion)
  if (kept && Date.now() - kept.at < forgetMs) return await kept.resources
  const resources = connection.json<{ resources: Resource[] }>(groupPath(apiVersion)).then(
    (list) => list.resources.filter((one) => !one.name.includes('/')),
    (error: unknown) => {
      known.delete(apiVersion)
      if (isAbsent(error)) return []
      throw error
    },
  )
  known.set(apiVersion, { at: Date.now(), resources })
  return await resources
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}
