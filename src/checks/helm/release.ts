import { z } from 'zod'
import { PlayerFault } from '../../lib/errors.ts'
import { malformed } from './decode.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const table = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})
/** Helm 3 writes a time that never was as an empty text, Helm 4 leaves it out. */
const time = text.transform((value) => {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
})

const hook = z.object({
  name: z.string(),
  kind: text,
  events: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  last_run: z
    .object({ started_at: time, completed_at: time, phase: text })
    .nullish()
    .transform((value) => value ?? { started_at: '', completed_at: '', phase: '' }),
})

const release = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.int().min(1),
  info: z.object({
    status: z.string(),
    description: text,
    notes: text,
    first_deployed: time,
    last_deployed: time,
  }),
  chart: z.object({
    metadata: z.object({ name: z.string(), version: z.string(), appVersion: text }),
    values: table,
  }),
  config: table,
  manifest: text,
  hooks: z
    .array(hook)
    .max(200)
    .nullish()
    .transform((value) => value ?? []),
})
/** What a stored revision says, as far as it is looked at. */
export type Release = z.output<typeof release>

/** What the labels of the object promise. */
export interface Labelled {
  object: string
  name: string
  namespace: string
  revision: number
  status: string
}

/** Reads a revision's JSON. `PlayerFault` where it is not what Helm writes, or says other things than its object's labels. */
export function readRelease(json: Record<string, unknown>, labelled: Labelled): Release {
  const parsed = release.safeParse(json)
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? ''
    throw malformed(
      labelled.object,
      `its field \`${place}\` is not what it should be`,
      `son champ \`${place}\` n’est pas ce qu’il devrait être`,
    )
  }
  const { name, namespace, version, info } = parsed.data
  agree(labelled, 'name', labelled.name, name)
  agree(labelled, 'namespace', labelled.namespace, namespace)
  agree(labelled, 'version', String(labelled.revision), String(version))
  agree(labelled, 'status', labelled.status, info.status)
  return parsed.data
}

function agree({ object }: Labelled, field: string, outside: string, inside: string): void {
  if (outside === inside) return
  const [shown, said] = [outside.slice(0, 100), inside.slice(0, 100)]
  throw new PlayerFault(
    `${object} contradicts itself: outside, its ${field} is “${shown}”, its content says “${said}”. Helm alone may write it: uninstall the release and install it again.`,
    `${object} se contredit : dehors, son champ ${field} vaut « ${shown} », son contenu dit « ${said} ». Helm seul doit l’écrire : désinstalle la release et réinstalle-la.`,
  )
}
