import { z } from 'zod'
import { boardParts } from '../../core/challenge.ts'
import { languages } from '../../core/text.ts'
import { verdicts } from '../../core/verdict.ts'

/** What the API speaks in. Clients ignore what they do not know: fields and values are only ever added. */

export const time = z.iso
  .datetime({ offset: true })
  .meta({ description: 'RFC 3339.', example: '2027-03-12T18:00:00.000Z' })
export const slug = z
  .string()
  .meta({ id: 'Slug', description: 'A player’s name in addresses.', example: 'ada' })
export const language = z.enum(languages)
export const challengeId = z
  .string()
  .max(40)
  .meta({ description: 'Stable, and without the order.', example: 'torn-map' })

export const token = z
  .object({ id: z.string(), name: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .meta({ id: 'Token' })

export const repository = z.object({
  name: z.string(),
  url: z.string(),
  username: slug,
  password: z.string().meta({ description: 'What to type, in words; never a secret.' }),
  challenges: z.array(challengeId),
})

export const workspace = z
  .object({
    state: z.enum(['ready', 'making']),
    repositories: z.array(repository),
  })
  .meta({ id: 'Workspace', description: 'One key for each part of the board.' })

export const challengeLine = z
  .object({
    id: challengeId,
    order: z.int(),
    title: z.string(),
    teaser: z.string(),
    points: z.int(),
    state: z.enum(['locked', 'open', 'solved', 'unavailable', 'scheduled', 'retired']),
    after: z.array(challengeId),
    needs: z.array(z.enum(boardParts)),
    solves: z.int().meta({ description: 'How many players solved it.' }),
  })
  .meta({ id: 'ChallengeLine' })

export const hint = z
  .object({
    number: z.int(),
    price: z.int(),
    taken: z.boolean(),
    text: z.string().nullable().meta({ description: 'Markdown; only once taken.' }),
  })
  .meta({ id: 'Hint' })

export const challenge = challengeLine
  .extend({
    story: z.string().meta({ description: 'Markdown, with this player’s values.' }),
    checks: z.array(z.object({ name: z.string(), kind: z.string() })),
    hints: z.array(hint),
    commands: z.string().nullable(),
    repository: z.object({ name: z.string(), url: z.string() }).nullable(),
    answer: z.boolean().meta({ description: 'It wants an answer with the submission.' }),
  })
  .meta({ id: 'Challenge' })

export const finding = z.object({
  ok: z.boolean().nullable().meta({ description: 'null: not looked at.' }),
  message: z.string(),
  expected: z.string().optional(),
  saw: z.string().optional(),
  where: z.string().optional(),
})

const evidence = z.object({ what: z.string(), revision: z.string(), where: z.string(), at: z.string() })

export const submissionLine = z
  .object({
    id: z.uuid(),
    challenge: challengeId,
    trigger: z.enum(['push', 'button', 'api']),
    receivedAt: time,
    status: z.enum(['queued', 'running', 'waiting', 'done', 'superseded']),
    attempt: z.int(),
    retryAt: time.optional(),
    supersededBy: z.uuid().optional(),
    verdict: z.enum(verdicts).nullable(),
  })
  .meta({ id: 'SubmissionLine' })

export const submission = submissionLine
  .extend({
    checks: z.array(
      z.object({
        name: z.string(),
        verdict: z.enum(verdicts),
        findings: z.array(finding),
        evidence: z.array(evidence),
      }),
    ),
  })
  .meta({ id: 'Submission' })

export const standing = z
  .object({
    rank: z.int(),
    slug,
    name: z.string(),
    left: z.literal(true).optional(),
    score: z.int(),
    lastSolveAt: time.nullable(),
    solved: z.record(challengeId, time),
  })
  .meta({ id: 'Standing' })

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Cursor of the next page, null at the end.' }),
  })

export const cursor = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
