import { type Challenge, wantsAnswer } from '../../core/challenge.ts'
import { Fault } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { guess, randomAnswers } from './guess.ts'
import type { ProofSubmission } from './answers.ts'
import { attempt, type Attempt } from './attempt.ts'
import { isPrinted, play } from './play.ts'
import type { ProofPlayer } from './player.ts'
import type { Prover, ProofStep } from './prover.ts'
import { runShell } from './script.ts'
import { solutionOf, wrongWaysOf, type WrongWay } from '../hunt/wrong-ways.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

const copyMs = 60_000
const copyAll = 'git clone --quiet --mirror "$FROM" copy && git -C copy push --quiet --force --mirror "$TO"'

/** Proves one challenge by playing it; every step is told as it ends. */
export async function proveChallenge(prover: Prover, challenge: Challenge): Promise<ProofStep[]> {
  const [first, second] = prover.players
  const steps: ProofStep[] = []
  const stopped = rejectedBy(prover.stop)
  const step = async (kind: ProofStep['kind'], name: string, work: () => Promise<string | undefined>) => {
    const began = performance.now()
    const done = work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    const why = await Promise.race([done, stopped])
    prover.stop.throwIfAborted()
    const told = {
      challenge: challenge.id,
      kind,
      name,
      ok: why === undefined,
      ...(why !== undefined && { why }),
    }
    steps.push({ ...told, ms: Math.round(performance.now() - began) })
    const last = steps.at(-1)
    if (last) prover.tell(last)
  }

  let won: Attempt | undefined
  await step('starter', 'the starter alone fails', async () => mustFail(await untouched(first, challenge)))
  await step('solution', 'the solution passes for one player', async () => {
    won = await attempt(prover, first, challenge, solutionOf(challenge))
    return mustPass(won)
  })
  if (Object.keys(challenge.params).length > 0) {
    await step('neighbour', 'the same work fails for another player', async () =>
      won ? mustFail(await copied(prover, won, challenge)) : 'there is nothing to copy',
    )
  }
  await step('solution', 'the solution passes for another player', async () =>
    mustPass(await attempt(prover, second, challenge, solutionOf(challenge))),
  )
  for (const way of await wrongWaysOf(challenge)) {
    await step('wrong', `the wrong way “${way.name}” fails as it says`, async () =>
      mustFailAs(way, await attempt(prover, second, challenge, way.script)),
    )
  }
  if (wantsAnswer(challenge)) {
    await step('random', `${randomAnswers} random answers fail`, () =>
      guess(prover.game, second.slug, challenge),
    )
  }
  if (await isPrinted(challenge)) {
    for (const [player, autocrlf] of [
      [first, true],
      [second, false],
    ] as const)
      await step('lines', `the printed lines work in bash, with core.autocrlf=${autocrlf}`, async () => {
        const played = await play(prover, player, challenge, autocrlf)
        return played ? mustPass(played) : undefined
      })
  }
  return steps
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  )
  // It may come while nobody waits for it.
  rejected.catch(() => undefined)
  return rejected
}

async function untouched(player: ProofPlayer, challenge: Challenge): Promise<ProofSubmission> {
  if (challenge.needs.includes('cluster')) await player.namespaceReady()
  return await player.submit(challenge.id, wantsAnswer(challenge) ? 'I have not looked yet' : undefined)
}

/** What the first player did, handed in by the second: the answer, or every image, branch, tag and note. */
async function copied(prover: Prover, won: Attempt, challenge: Challenge): Promise<ProofSubmission> {
  const [first, second] = prover.players
  if (challenge.needs.includes('cluster')) await second.namespaceReady()
  if (challenge.needs.includes('registry')) await copyImages(prover.game, first.slug, second.slug)
  if (wantsAnswer(challenge) || challenge.repository === null)
    return await second.submit(challenge.id, won.run.answer)
  const run = await runShell(['-c', copyAll], {
    FROM: await first.repositoryUrl(challenge.repository),
    TO: await second.repositoryUrl(challenge.repository),
  })
  if (run.code !== 0) throw new Fault(`The copy could not be pushed:\n${run.output.trim()}`)
  return await second.submit(challenge.id, undefined)
}

async function copyImages(
  { board: { registry } }: Pick<Game, 'board'>,
  from: string,
  to: string,
): Promise<void> {
  const signal = timeoutSignal(copyMs)
  const images = registry?.images(from)
  for (const repository of (await images?.repositories(signal)) ?? [])
    for (const tag of (await images?.tags(repository, signal))?.tags ?? [])
      await registry?.copy(from, to, repository, tag)
}

function mustPass({ seen, run }: Attempt): string | undefined {
  if (seen.verdict === 'passed') return undefined
  return `${describe(seen)}\n${run.output.trim()}`
}

function mustFail(seen: ProofSubmission): string | undefined {
  return seen.verdict === 'failed' ? undefined : describe(seen)
}

function mustFailAs({ name, expect }: WrongWay, { seen, run }: Attempt): string | undefined {
  if (seen.verdict !== 'failed') return `${describe(seen)}\n${run.output.trim()}`
  const check = seen.checks.find((one, index) => one.name === expect.check || index === expect.check)
  if (!check) return `wrong/${name}/expect.yaml names a check that is not there: ${expect.check}`
  const found = check.findings.some((one) => one.ok === false && one.message.includes(expect.finding))
  return found
    ? undefined
    : `it fails elsewhere than at “${expect.check}: ${expect.finding}”; ${describe(seen)}`
}

function describe({ verdict, checks }: ProofSubmission): string {
  const failed = checks.flatMap((check) =>
    check.findings.filter((one) => one.ok === false).map((one) => `${check.name}: ${one.message}`),
  )
  return [`the verdict is ${verdict ?? 'missing'}`, ...failed].join('; ')
}
