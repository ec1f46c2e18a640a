import { z } from 'zod'
import { triggers } from '../../core/triggers.ts'
import { languages } from '../../core/text.ts'
import { verdicts } from '../../core/verdict.ts'
import { boardParts } from '../../core/board-parts.ts'
import { workspaceStates } from '../../core/workspace.ts'
import { isWhole, lengthOf } from '../../lib/whole-text.ts'
import { cursorPattern } from '../request/cursor.ts'

/** RFC 3339, as it stands in JSON. */
export const time = z.iso.datetime({ offset: true })

interface TextBounds {
  /** In characters, like `most`. */
  least?: number
  most: number
  about?: string
  /** What it looks like; the source comes into the document. */
  like?: RegExp
  /** What is unlike, too short, and with `true` too long, is refused by the game, in words and with a code of its own; here it is told alone. */
  game?: true | 'but length'
}

const whole = '^[^\\u0000]*$'

/** Any text that a client writes: every one is read by this, so that none is let in that cannot be kept. */
export function text({ least = 0, most, about, like, game }: TextBounds) {
  const fits = (given: string) =>
    game === true || ((game ? true : lengthOf(given) >= least) && lengthOf(given) <= most)
  return z
    .string()
    .refine(isWhole, 'holds U+0000 or half of a character, which cannot be kept')
    .refine(fits, `from ${least} to ${most} characters`)
    .refine(
      (given) => game !== undefined || (like?.test(given) ?? true),
      'is not of the form that the document tells',
    )
    .meta({
      ...(about !== undefined && { description: about }),
      override: {
        type: 'string',
        ...(least > 0 && { minLength: least }),
        maxLength: most,
        pattern: like?.source ?? whole,
      },
    })
}

/** An id or a name in an address. What nothing is called by is found nowhere, which is the game's to say. */
export const challengeId = text({ least: 1, most: 60, about: 'Id of a challenge, such as `torn-map`.' })
export const anyId = text({ least: 1, most: 60 })
export const cursor = text({ most: 200, about: '`next` of the page before.' }).meta({
  override: { type: 'string', pattern: cursorPattern },
})
export const language = z.enum(languages)
export const langQuery = z.object({
  lang: language
    .optional()
    .meta({ description: 'Language of the texts; else the account’s, else `Accept-Language`.' }),
})
export const part = z.enum(boardParts)

const count = z.int().min(0)

/** A whole number in a query string; more than `most` counts as that. */
export function number(most: number, about: string) {
  return (
    z
      .string()
      // Not `regex`, whose pattern would come into the document beside the numbers.
      .refine((given) => /^\d+$/.test(given), 'a whole number, 0 or more')
      .transform((given) => Math.min(Number(given), most))
      .meta({
        description: `${about} More than ${most} counts as ${most}.`,
        override: { type: 'integer', minimum: 0 },
      })
  )
}

export const repository = z
  .object({ name: z.string(), url: z.url() })
  .meta({ id: 'Repository', description: 'The user name for Git is the slug, the password a token.' })

const clusterWorkspace = z
  .object({
    state: z.enum(workspaceStates),
    namespaces: z.array(z.object({ name: z.string(), environment: z.string(), ready: z.boolean() })),
    before: count.nullable().meta({ description: 'How many wait longer, while every cluster is full.' }),
    hostSuffix: z.string().nullable().meta({ description: 'What host names of Ingresses end with.' }),
    ingress: z
      .object({ publicHttpPort: z.int(), publicHttpsPort: z.int(), onServer: z.boolean() })
      .nullable()
      .meta({
        description:
          'The ports at which Ingresses are called; `onServer`: names need not lead there, connect to this server.',
      }),
    readyAt: time.nullable(),
    expiresAt: time.nullable().meta({ description: 'When it is deleted unless it is renewed.' }),
    nextTry: time.nullable(),
    notice: z
      .object({ what: z.enum(['lost', 'freed']), at: time, items: z.array(z.string()) })
      .nullable()
      .meta({
        description:
          'What the game did to it unasked, for three days. `lost`: its cluster was gone, and it was made anew, empty. `freed`: finalizers that held up its deletion were taken off the objects that are named.',
      }),
  })
  .meta({ id: 'ClusterWorkspace' })

export const workspace = z
  .object({
    state: z.enum(['ready', 'making', 'none']).meta({ description: '`none`: this board has no Git host.' }),
    repositories: z.array(
      z.object({
        name: z.string(),
        url: z.url(),
        username: z.string(),
        password: z.literal('your token'),
        challenges: z.array(z.string()),
      }),
    ),
    cluster: clusterWorkspace
      .nullable()
      .meta({ description: 'null: this board has no cluster, or no stage asks for one.' }),
    registry: z
      .object({
        host: z.string(),
        plainHttp: z.boolean().meta({ description: 'It is reached without TLS.' }),
        path: z.string().meta({ description: 'Names of your repositories begin with `<host>/<path>/`.' }),
        usedBytes: count,
        budgetBytes: count.nullable(),
        full: z.enum(['images', 'loose', 'crowded']).nullable().meta({
          description: 'Why pushes are withheld now. `loose`: layers of deleted images fill the storage.',
        }),
      })
      .nullable()
      .meta({ description: 'null: this board has no registry.' }),
  })
  .meta({ id: 'Workspace' })

export const finding = z.object({
  ok: z.boolean().nullable().meta({ description: 'null: not looked at.' }),
  message: z.string(),
  expected: z.string().optional(),
  saw: z.string().optional(),
  where: z.string().optional(),
})

export const evidence = z.object({
  what: z.string(),
  revision: z.string(),
  where: z.string(),
  at: z.string(),
})

export const submissionStatus = z.enum(['queued', 'running', 'waiting', 'done', 'superseded'])

export const submissionLine = z
  .object({
    id: z.uuid(),
    challenge: z.string(),
    trigger: z.enum(triggers),
    receivedAt: time,
    status: submissionStatus,
    attempt: z.int(),
    retryAt: time.optional(),
    supersededBy: z.uuid().optional(),
    finishedAt: time.optional(),
    countsFrom: time.optional().meta({
      description:
        'Of a passed one: its receipt, or the first look that saw so what is read live (cluster, registry), whichever is later. A solve has this time.',
    }),
    waitsUntil: time.optional().meta({ description: 'What is under way is judged then as it stands.' }),
    verdict: z.enum(verdicts).nullable(),
  })
  .meta({ id: 'SubmissionLine' })

export const submission = z
  .object({
    ...submissionLine.shape,
    waitsFor: z.string().optional().meta({ description: 'What is still under way.' }),
    checks: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        verdict: z.enum(verdicts),
        findings: z.array(finding),
        evidence: z.array(evidence),
      }),
    ),
  })
  .meta({ id: 'Submission' })

export const challengeLine = z
  .object({
    id: z.string(),
    order: z.int(),
    title: z.string(),
    teaser: z.string(),
    points: count,
    state: z.enum(['locked', 'open', 'solved', 'unavailable', 'scheduled', 'retired']),
    after: z.array(z.string()),
    needs: z.array(part),
    solves: count.meta({ description: 'How many players solved it, as the public leaderboard says.' }),
  })
  .meta({ id: 'ChallengeLine' })

export const standing = z
  .object({
    rank: z.int(),
    slug: z.string(),
    name: z.string(),
    left: z.literal(true).optional().meta({ description: 'Left the hunt; the name is gone.' }),
    score: count,
    lastSolveAt: time.nullable(),
    solved: z.record(z.string(), time).meta({ description: 'Challenge id to the time of the solve.' }),
  })
  .meta({ id: 'Standing' })

export { count }
