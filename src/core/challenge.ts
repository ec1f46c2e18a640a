import { z } from 'zod'
import { localized } from './text.ts'
import type { BoardPart } from './board-parts.ts'

const id = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens, such as torn-map')
  .max(40)
const identifier = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]*$/, 'a CEL identifier, such as map or leakedKey')
  .max(40)

/** How a parameter's value is drawn for each player: from a list of words, as hex digits, or out of a range of integers. */
const param = z.union([
  z.strictObject({ words: z.array(z.string().min(1)).min(2), public: z.boolean().default(false) }),
  z.strictObject({ hex: z.int().min(4).max(64), public: z.boolean().default(false) }),
  z.strictObject({
    range: z
      .tuple([z.int(), z.int()])
      .refine(([low, high]) => low < high, 'from the lower number to the higher, such as [1, 99]'),
    public: z.boolean().default(false),
  }),
])
export type ParamSpec = z.infer<typeof param>

const expectation = z.strictObject({
  /** A CEL expression over the facts of this check and of those before it, `params` and `player`; true means fulfilled. */
  that: z.string().min(1).max(2000),
  /** What the player reads when it is not fulfilled. */
  else: localized,
  /** What was expected, in words; also the message of the fulfilled finding. */
  expected: localized.optional(),
  /** Template of what was seen, such as `USER is {{image.config.user}}`. */
  saw: localized.optional(),
  /** Template of the place in the artefact. */
  where: z.string().optional(),
})
export type Expectation = z.infer<typeof expectation>

/** A check as the file says it: `name`, `as`, `expect`, and exactly one key that is a check kind with its spec. */
const check = z
  .object({
    name: localized,
    as: identifier.optional(),
    expect: z.array(expectation).min(1).max(100),
  })
  .catchall(z.unknown())

const hint = z.strictObject({ price: z.int().min(0).default(0), text: localized })

/** `challenge.yaml`. */
export const challengeFile = z.strictObject({
  id,
  title: localized,
  /** One sentence for the map. */
  teaser: localized,
  points: z.int().min(1).max(100_000),
  /** Challenges that must be solved before this one opens. */
  after: z.array(id).default([]),
  /** Name of the repository it lives in; its own id when not said, null when it has none. */
  repository: id.nullable().optional(),
  params: z.record(identifier, param).default({}),
  hints: z.array(hint).max(9).default([]),
  checks: z.array(check).min(1).max(20),
  /** When its page says why things on the cluster do not run: always, or once every hint is taken. */
  diagnosis: z.enum(['always', 'after-hints']).default('always'),
  /** The lines to type, as a template in bash that also runs in Git for Windows. */
  commands: z.string().optional(),
  /** Retired challenges keep their solves and accept nothing new. */
  retired: z.boolean().default(false),
})
export type ChallengeFile = z.infer<typeof challengeFile>
export type Hint = z.infer<typeof hint>

/** One check of a challenge after loading: the kind is known, its spec has been parsed once (templates not yet rendered). */
export interface ChallengeCheck {
  kind: string
  /** Name under which later checks see its facts: `as`, or the kind. */
  as: string
  name: ChallengeFile['title']
  spec: unknown
  expect: readonly Expectation[]
}

export interface Challenge {
  id: string
  /** Position in the hunt, from the folder's number. */
  order: number
  /** Absolute path of its folder. */
  folder: string
  title: ChallengeFile['title']
  teaser: ChallengeFile['teaser']
  points: number
  after: readonly string[]
  repository: string | null
  /** Names of the images that each player is handed, such as `chest:1.0`; null where it brings none. */
  images: readonly string[] | null
  params: Readonly<Record<string, ParamSpec>>
  hints: readonly Hint[]
  checks: readonly ChallengeCheck[]
  needs: readonly BoardPart[]
  diagnosis: ChallengeFile['diagnosis']
  commands: string | undefined
  retired: boolean
  /** Markdown with templates, by language. */
  story: ChallengeFile['title']
}

/** Where an answer has to be typed, that alone makes a submission. */
export function wantsAnswer(challenge: Pick<Challenge, 'checks'>): boolean {
  return challenge.checks.some((check) => check.kind === 'answer')
}

/** What a player does to be judged: what comes last of it where it is several things. */
export function lastStep(challenge: Pick<Challenge, 'checks' | 'needs' | 'repository'>): LastStep {
  const { needs, repository } = challenge
  if (wantsAnswer(challenge)) return 'answer'
  if (needs.includes('cluster')) return 'cluster'
  if (!needs.includes('registry')) return 'push'
  return repository === null ? 'image' : 'both'
}
/** `both`: a commit and the image that is made of it. */
export type LastStep = 'answer' | 'cluster' | 'image' | 'both' | 'push'
