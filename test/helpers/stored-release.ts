import { gzipSync } from 'node:zlib'
import type { KubeObject } from '../../src/board/cluster/types.ts'

export const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64')

/** The JSON of a revision as Helm writes it, changed by `over`. */
export function releaseJson(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'treasure',
    namespace: 'hunt-tara',
    version: 1,
    info: {
      first_deployed: '2026-03-01T10:00:00.123456789+01:00',
      last_deployed: '2026-03-01T10:00:00.123456789+01:00',
      deleted: '',
      description: 'Install complete',
      status: 'deployed',
    },
    chart: { metadata: { name: 'chest', version: '0.1.0' }, values: { gold: 1 }, lock: null },
    config: null,
    manifest: '',
    ...over,
  }
}

/** `data.release` of a ConfigMap; a Secret's is this in base64 again. */
export function packed(json: unknown): string {
  return base64(gzipSync(typeof json === 'string' ? json : JSON.stringify(json)))
}

/** So many MiB (a multiple of 64) of nothing, in a thousandth of that. */
export function zeros(mebibytes: number): Buffer {
  const part = gzipSync(Buffer.alloc(64 * 2 ** 20))
  return Buffer.concat(Array.from({ length: mebibytes / 64 }, () => part))
}

/** A Secret that holds a revision, with the labels that its content asks for unless `labels` says otherwise. */
export function storedRelease(
  json: Record<string, unknown> = releaseJson(),
  { labels = {}, data }: { labels?: Record<string, string>; data?: Record<string, string> } = {},
): KubeObject {
  const { name, namespace, version, info } = json as {
    name: string
    namespace: string
    version: number
    info: { status: string }
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      labels: { owner: 'helm', name, status: info.status, version: String(version), ...labels },
    },
    type: 'helm.sh/release.v1',
    data: data ?? { release: base64(packed(json)) },
  }
}
