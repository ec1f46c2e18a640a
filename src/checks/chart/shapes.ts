import { z } from 'zod'
import { measure } from '../../lib/measure.ts'
import { malformed } from './fault.ts'

export const helmTypes = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  content: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  /** What Helm wrote before 3.8, and still reads. */
  legacy: 'application/tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const

const text = z.string().max(10_000)
/** Go writes an empty list or map as null. */
const maybe = <Kind extends z.ZodType>(kind: Kind) => kind.nullish()

const descriptor = z.object({ mediaType: text, digest: text })
export type Descriptor = z.output<typeof descriptor>

const manifestShape = z.object({
  config: descriptor,
  layers: z.array(descriptor).max(100),
  annotations: maybe(z.record(text, text)),
})
export type ChartManifest = z.output<typeof manifestShape>

const metadataShape = z.object({
  name: text,
  version: text,
  apiVersion: maybe(text),
  appVersion: maybe(text),
  description: maybe(text),
  type: maybe(text),
  dependencies: maybe(
    z
      .array(
        z.object({
          name: text,
          version: maybe(text),
          repository: maybe(text),
          alias: maybe(text),
          condition: maybe(text),
        }),
      )
      .max(200),
  ),
})
export type Metadata = z.output<typeof metadataShape>

/** `where` is what the player pulls it by. `PlayerFault` for whatever is no chart. */
export function readManifest(where: string, bytes: Buffer): ChartManifest {
  const value = json(where, bytes)
  const said = (value as { config?: { mediaType?: unknown } } | null)?.config?.mediaType
  if (said !== helmTypes.config) {
    const type = typeof said === 'string' ? JSON.stringify(said.slice(0, 100)) : null
    throw malformed(
      where,
      type ? `its configuration is ${type}` : 'it is an index, or has no configuration',
      type ? `sa configuration est ${type}` : 'c’est un index, ou il n’a pas de configuration',
    )
  }
  return shaped(where, value, manifestShape)
}

/** What Helm made of Chart.yaml when it pushed the chart. */
export function readMetadata(where: string, bytes: Buffer): Metadata {
  return shaped(where, json(where, bytes), metadataShape)
}

function json(where: string, bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw malformed(where, 'its JSON is broken', 'son JSON est cassé')
  }
  measure(where, value)
  return value
}

function shaped<Kind extends z.ZodType>(where: string, value: unknown, shape: Kind): z.output<Kind> {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const why = `${issue?.path.join('.').slice(0, 100) ?? ''}: ${issue?.message.slice(0, 200) ?? ''}`
  throw malformed(where, why, why)
}
