import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import type { CheckKind, Look } from '../../../src/checks/check.ts'
import type { Challenge } from '../../../src/core/challenge.ts'
import type { ClaimedSubmission } from '../../../src/db/submissions.ts'
import { createJudge } from '../../../src/game/judging/judge.ts'
import type { Game } from '../../../src/game/game.ts'
import { lookAt } from '../../../src/game/judging/look.ts'
import { Inconclusive, TooLarge } from '../../../src/lib/errors.ts'
import { silentLog } from '../../../src/lib/log.ts'

const judge = createJudge()
// A deadline alone does not keep a process alive, as a server's connections do.
const alive = setInterval(() => undefined, 1000)
after(async () => {
  clearInterval(alive)
  await judge.close()
})

interface Facts {
  n: number
}
const facts = z.object({ n: z.int() })
const seen = (n: number): Look<Facts> => ({
  facts: { n },
  evidence: [{ what: 'object', revision: String(n), where: 'here', at: '2026-01-01T00:00:00Z' }],
})

/** A submission judged over kinds that look as the test says; a challenge without parameters asks no database. */
async function judged(looks: Record<string, () => Promise<Look<Facts>>>, seconds = 10) {
  const kinds = Object.entries(looks).map(([kind, look]): [string, CheckKind<unknown, unknown>] => [
    kind,
    { kind, spec: z.unknown(), facts, needs: [], look },
  ])
  const checks = Object.keys(looks).map((kind) => ({
    kind,
    as: kind,
    name: { en: `look at ${kind}`, fr: `regarder ${kind}` },
    spec: {},
    expect: [{ that: `${kind}.n == 1`, else: { en: `${kind} is not one`, fr: `${kind} n’est pas un` } }],
  }))
  const challenge: Partial<Challenge> = { id: 'stage', repository: null, params: {}, checks }
  const game: Partial<Game> = {
    kinds: new Map(kinds),
    hunt: { challenges: [challenge] } as unknown as Game['hunt'],
    config: { checkSeconds: seconds } as Game['config'],
    board: {},
    judge,
    log: silentLog,
  }
  const submission = { id: '1', challengeId: 'stage', playerId: '1', slug: 'tara', snapshots: {} }
  return await lookAt(game as Game, submission as unknown as ClaimedSubmission, new AbortController().signal)
}

const one = () => Promise.resolve(seen(1))
const two = () => Promise.resolve(seen(2))

test('every check is looked at, also after one that failed', async () => {
  const outcome = await judged({ first: two, second: one, third: two })
  assert.equal(outcome.verdict, 'failed')
  assert.deepEqual(
    outcome.results.map((result) => result.verdict),
    ['failed', 'passed', 'failed'],
  )
  assert.deepEqual(
    outcome.results.map((result) => result.evidence[0]?.revision),
    ['2', '1', '2'],
  )
})

test('where we could not look, that check and those after it cost the player nothing', async () => {
  const outcome = await judged({
    first: one,
    second: () => Promise.reject(new Inconclusive('503')),
    third: one,
  })
  assert.equal(outcome.verdict, 'inconclusive')
  assert.deepEqual(
    outcome.results.map((result) => result.verdict),
    ['passed', 'inconclusive', 'inconclusive'],
  )
  assert.match(outcome.results[1]?.findings[0]?.message.en ?? '', /on our side/)
  assert.match(outcome.results[2]?.findings[0]?.message.fr ?? '', /^Pas regardé/)
  assert.equal(outcome.results[2]?.findings[0]?.ok, null)
})

test('a fault of ours and a look that never ends are ours too', async () => {
  const broken = await judged({ first: () => Promise.reject(new TypeError('undefined is not a function')) })
  assert.equal(broken.verdict, 'inconclusive')
  const endless = await judged({ first: () => new Promise(() => undefined) }, 0.02)
  assert.equal(endless.verdict, 'inconclusive')
})

test('what the player made too large fails, in the language of the player, in one line that can be seen', async () => {
  const fault = new TooLarge('a\u001b[31m\nb is too large', 'a\u001b[31m\nb est trop grand')
  const outcome = await judged({ first: () => Promise.reject(fault), second: one })
  assert.equal(outcome.verdict, 'failed')
  assert.deepEqual(outcome.results[0]?.findings, [
    { ok: false, message: { en: 'a\\u{1b}[31m\\nb is too large', fr: 'a\\u{1b}[31m\\nb est trop grand' } },
  ])
  assert.equal(outcome.results[1]?.findings[0]?.ok, null)
})

test('what is still going is looked at again, and until then judged as it stands', async () => {
  const going = () =>
    Promise.resolve({ ...seen(0), pending: true as const, why: { en: 'it runs', fr: 'ça tourne' }, again: 3 })
  const outcome = await judged({ first: going })
  assert.deepEqual(outcome.pending, { why: { en: 'it runs', fr: 'ça tourne' }, again: 3 })
  assert.equal(outcome.verdict, 'failed')
})
