import { z } from 'zod'
import { PlayerFault } from '../../lib/errors.ts'
import { measure } from '../../lib/measure.ts'

/** What a manifest or a configuration may have in all: their bytes are bounded, and what is told of them is cut. */
const text = z.string().max(2 ** 22)
/** OCI lets every optional field be null, which says no more than its absence. */
const maybe = <Kind extends z.ZodType>(kind: Kind) => kind.nullish()
const strings = maybe(z.record(text, text))

const descriptor = z.object({
  mediaType: maybe(text),
  digest: text,
  size: z.int().min(0),
  annotations: strings,
  artifactType: maybe(text),
  urls: maybe(z.array(text)),
  platform: maybe(z.object({ architecture: maybe(text), os: maybe(text), variant: maybe(text) })),
})
export type Descriptor = z.output<typeof descriptor>

export const indexShape = z.object({
  manifests: z.array(descriptor).max(500),
  annotations: strings,
})

export const manifestShape = z.object({
  config: descriptor,
  layers: z.array(descriptor).max(500),
  annotations: strings,
  artifactType: maybe(text),
})
export type Manifest = z.output<typeof manifestShape>

const keys = maybe(z.record(text, z.unknown()))
export const configShape = z.object({
  architecture: maybe(text),
  os: maybe(text),
  variant: maybe(text),
  created: maybe(text),
  config: maybe(
    z.object({
      User: maybe(text),
      Env: maybe(z.array(text)),
      Entrypoint: maybe(z.array(text)),
      Cmd: maybe(z.array(text)),
      ExposedPorts: keys,
      Volumes: keys,
      Labels: strings,
      WorkingDir: maybe(text),
      StopSignal: maybe(text),
      Healthcheck: maybe(z.object({ Test: maybe(z.array(text)) })),
    }),
  ),
  rootfs: maybe(z.object({ diff_ids: maybe(z.array(text)) })),
  history: maybe(
    z.array(
      z.object({
        created: maybe(text),
        created_by: maybe(text),
        comment: maybe(text),
        empty_layer: maybe(z.boolean()),
      }),
    ),
  ),
})
export type Config = z.output<typeof configShape>

/** JSON of the promised shape; `PlayerFault` where it is not, and where it holds more than is looked through. */
export function parsed<Kind extends z.ZodType>(what: string, bytes: Buffer, shape: Kind): z.output<Kind> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    throw malformed(what, 'no JSON', 'pas du JSON')
  }
  measure(what, value)
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = `${issue?.path.join('.').slice(0, 100) ?? ''}: ${issue?.message.slice(0, 200) ?? ''}`
  throw malformed(what, where, where)
}

function malformed(what: string, why: string, pourquoi: string): PlayerFault {
  return new PlayerFault(
    `${what} is not as OCI wants it (${why}): build and push the image again.`,
    `${what} n’est pas comme OCI le veut (${pourquoi}) : construisez l’image et poussez-la à nouveau.`,
  )
}
