import type { Connection } from './connection.ts'
import { ApiFailure, failureOf, isAbsent } from './failure.ts'
import type { Objects } from './objects.ts'
import type { IngressWay, NamespaceReader } from './types.ts'

const logBytes = 16 * 1024
const logLines = 50
const stateHeaders = 64

/** Reads one namespace of one player. */
export function createReader(
  connection: Connection,
  objects: Objects,
  { cluster, namespace, ingress }: { cluster: string; namespace: string; ingress: IngressWay | null },
): NamespaceReader {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  return {
    cluster,
    namespace,
    ingress,
    get: (kind, name, signal) => objects.get(kind, name, namespace, signal),
    list: (kind, options, signal) => objects.list(kind, { ...options, namespace, signal }),
    async logs(pod, { container, previous = false, lines = logLines }, signal) {
      const query = { container, previous, tailLines: Math.min(lines, logLines), limitBytes: logBytes }
      try {
        return await connection.text(`${base}/pods/${encodeURIComponent(pod)}/log`, {
          query,
          signal,
          accept: '*/*',
          maxBytes: 2 * logBytes,
        })
      } catch (error) {
        // 400: the container has not started yet, or has no earlier run.
        if (isAbsent(error) || (error instanceof ApiFailure && error.status === 400)) return null
        throw error
      }
    },
    async viaService({ service, port, path, scheme = 'http' }, maxBytes, signal) {
      const target = `${scheme}:${service}:${port}`
      // Dots would lead out of the proxy's path, with our rights.
      const { pathname, search } = new URL(path.startsWith('/') ? path : `/${path}`, 'http://service.invalid')
      const inside = `${pathname}${search}`
      const answer = await connection.send(`${base}/services/${encodeURIComponent(target)}/proxy${inside}`, {
        maxBytes,
        signal,
        truncate: true,
        accept: '*/*',
      })
      let { body } = answer
      const words = apiServersWords(body, answer.headers['content-type'])
      if (words !== null) {
        const failure = failureOf(answer.status, body.toString())
        if (isAbsent(failure)) return null
        // Nothing listens behind the Service: what the player made, not what we lack.
        if (!/no endpoints available|error trying to reach service/.test(failure.message)) throw failure
        // Without the object around them, which only machines read.
        body = Buffer.from(words)
      }
      const headers = Object.entries(answer.headers).slice(0, stateHeaders)
      return {
        status: answer.status,
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        body,
        truncated: answer.truncated,
      }
    },
  }
}

/** What the API server says itself, in a `Status` object; null of what the player's program says, which comes through as it is. */
function apiServersWords(body: Buffer, type: string | undefined): string | null {
  if (!type?.startsWith('application/json') || body.length > 4096) return null
  try {
    const parsed = JSON.parse(body.toString()) as Record<string, unknown> | null
    if (parsed?.['kind'] !== 'Status' || parsed['apiVersion'] !== 'v1') return null
    return typeof parsed['message'] === 'string' ? parsed['message'] : ''
  } catch {
    return null
  }
}
