import { z } from 'zod'
import { registrations } from '../../core/hunt.ts'
import { localized } from '../../core/text.ts'
import { verdicts } from '../../core/verdict.ts'
import { workspaceStates } from '../../core/workspace.ts'
import { count, standing, submissionStatus, time } from './schemas.ts'

/** What the stream tells, by the name of the event: the content of its `data`. */
export const eventData = {
  beat: z
    .object({ every: z.int().meta({ description: 'Milliseconds until the next one.' }), now: time })
    .meta({ description: 'To everybody.' }),
  standings: z
    .object({
      version: z.int(),
      total: count,
      frozen: z.boolean(),
      rows: z.array(standing),
      gone: z.array(z.string()).meta({ description: 'Slugs that have no place any more.' }),
      first: z.record(z.string(), z.string()),
    })
    .meta({
      description: 'To everybody. Without rows: read the leaderboard again if your version is older.',
    }),
  announcement: z
    .object({ id: z.string().nullable(), text: localized.nullable() })
    .meta({ description: 'To everybody. Both null: there is none, or it was withdrawn.' }),
  hunt: z
    .object({
      phase: z.enum(['before', 'running', 'after']),
      paused: z.boolean(),
      start: time.nullable(),
      end: time.nullable(),
      freeze: time.nullable(),
      registration: z.enum(registrations),
    })
    .meta({ description: 'To everybody.' }),
  submission: z
    .object({
      id: z.uuid(),
      challenge: z.string(),
      status: submissionStatus,
      verdict: z.enum(verdicts).nullable(),
      attempt: z.int(),
      retryAt: time.nullable(),
    })
    .meta({ description: 'Of your own, with a token.' }),
  workspace: z
    .union([
      z.object({ state: z.literal('ready'), repository: z.string() }),
      z.object({ cluster: z.enum(workspaceStates) }),
      z.object({ registry: z.literal('moved') }),
    ])
    .meta({ description: 'Of your own, with a token: a repository, the namespaces, or the images.' }),
  workspaces: z
    .object({})
    .meta({ description: 'With an organizer’s token: the workspace of some player on a cluster moved.' }),
} as const

/** One event as it is read off the stream. Before OpenAPI 3.2 this is what stands for all of them. */
export const streamedEvent = z
  .union(
    Object.entries(eventData).map(([name, data]) =>
      z.object({ event: z.literal(name), id: id(), data: json(data) }),
    ),
  )
  .meta({ id: 'Event' })

function id() {
  return z.string().optional().meta({ description: 'To go on from, as Last-Event-ID.' })
}

/** A text that holds JSON. What has a name of its own is in the document by that name. */
function json(schema: z.ZodType) {
  const { $schema, $defs, ...rest } = z.toJSONSchema(schema, { io: 'output', target: 'draft-2020-12' })
  if ($schema === undefined) throw new Error('a schema of another draft')
  const named = Object.keys($defs ?? {})
  const content = JSON.parse(
    JSON.stringify(rest).replace(/#\/\$defs\/(\w+)/g, (reference, name: string) =>
      named.includes(name) ? `#/components/schemas/${name}` : reference,
    ),
  ) as object
  const override = { type: 'string', contentMediaType: 'application/json', contentSchema: content }
  return z.string().meta({ override: override })
}
