import { randomBytes, randomInt } from 'node:crypto'
import type { Challenge, ChallengeCheck } from '../../core/challenge.ts'
import { renderSpec } from '../../core/template.ts'
import { combine } from '../../core/verdict.ts'
import { playerBySlug } from '../../db/players.ts'
import type { Game } from '../game.ts'
import { parametersFor } from '../parameters.ts'

export const randomAnswers = 1000

/**
 * Tries random answers on the player's challenge; resolves to what went wrong when one passes. They go straight to the
 * checks: over HTTP each would wait longer than the one before.
 */
export async function guess(game: Game, slug: string, challenge: Challenge): Promise<string | undefined> {
  const row = await playerBySlug(game.sql, slug)
  if (!row) return `there is no player ${slug}`
  const values = {
    params: await parametersFor(game, row.id, challenge),
    player: { slug, name: row.name ?? slug },
  }
  for (let count = 0; count < randomAnswers; count += 1) {
    const answer = randomAnswer()
    const verdicts = await Promise.all(
      challenge.checks.map(async (check, index) =>
        check.kind === 'answer' ? await judge(game, { challenge, check, index, values, answer }) : 'passed',
      ),
    )
    if (combine(verdicts) !== 'failed') return `the random answer “${answer}” passed`
  }
  return undefined
}

interface Guess {
  challenge: Challenge
  check: ChallengeCheck
  index: number
  values: { params: Readonly<Record<string, string | number>>; player: { slug: string; name: string } }
  answer: string
}

async function judge(
  game: Pick<Game, 'kinds' | 'judge' | 'log'>,
  { challenge, check, index, values, answer }: Guess,
) {
  const kind = game.kinds.get(check.kind)
  if (!kind) throw new Error(`no check kind ${check.kind}`)
  const { facts } = await kind.look(kind.spec.parse(renderSpec(check.spec, values)), {
    ...values,
    board: {},
    repository: null,
    snapshot: () => Promise.reject(new Error('an answer looks at no repository')),
    answer,
    signal: new AbortController().signal,
    log: game.log,
    memo: (_, make) => make(),
  })
  const judged = await game.judge.judge({ challenge, index, facts: { [check.as]: facts }, ...values })
  return judged.verdict
}

const usual = [
  '42',
  'yes',
  'no',
  'none',
  'admin',
  'password',
  'shambhala',
  'main',
  'HEAD',
  '*',
  '.*',
  'null',
  '0',
  '-1',
]

function randomAnswer(): string {
  const draws = [
    () => usual[randomInt(usual.length)] ?? '',
    () => String(randomInt(-1000, 100_000)),
    () => randomBytes(randomInt(1, 21)).toString('hex'),
    () => randomBytes(randomInt(1, 13)).toString('base64url'),
    () => Array.from({ length: randomInt(1, 4) }, () => randomBytes(3).toString('hex')).join('-'),
  ]
  return draws[randomInt(draws.length)]?.() ?? ''
}
