import { type Challenge, wantsAnswer } from '../../core/challenge.ts'
import { Fault } from '../../lib/errors.ts'
import type { ProofSubmission } from './answers.ts'
import { registryHome, type ProofHome } from './home.ts'
import type { ProofPlayer } from './player.ts'
import type { Prover } from './prover.ts'
import { runShell, type Run } from './script.ts'

export interface Attempt {
  run: Run
  seen: ProofSubmission
}

/** An answer is what a script prints; elsewhere what it pushed is looked at. */
export async function attempt(
  prover: Prover,
  player: ProofPlayer,
  challenge: Challenge,
  script: string,
): Promise<Attempt> {
  const { variables, home } = await beginAnew(prover, player, challenge)
  const run = await runShell([script], variables, { home, stop: prover.stop })
  if (run.code !== 0) throw new Fault(`${script} ended with ${run.code}:\n${run.output.trim()}`)
  return await handIn(player, challenge, run, script)
}

export async function handIn(
  player: ProofPlayer,
  challenge: Challenge,
  run: Run,
  script: string,
): Promise<Attempt> {
  if (wantsAnswer(challenge) && run.answer === undefined)
    throw new Fault(`${script} printed no line "answer: …":\n${run.output.trim()}`)
  return { run, seen: await player.submit(challenge.id, wantsAnswer(challenge) ? run.answer : undefined) }
}

export interface Beginning {
  variables: Record<string, string>
  home: (folder: string) => ProofHome
}

/** Throws away what an earlier attempt left, and gives what the next one finds. */
export async function beginAnew(
  prover: Prover,
  player: ProofPlayer,
  challenge: Challenge,
): Promise<Beginning> {
  if (challenge.needs.includes('registry')) await player.freshImages()
  if (challenge.repository !== null || challenge.images) await player.reset(challenge.id)
  if (challenge.needs.includes('cluster')) await player.freshNamespace()
  return {
    variables: await variablesFor(prover, player, challenge),
    home: await homeFor(player, challenge),
  }
}

async function variablesFor(
  prover: Prover,
  player: ProofPlayer,
  challenge: Challenge,
): Promise<Record<string, string>> {
  const repository = challenge.repository
  const { shambhalaTools } = prover.game.config
  return {
    ...(challenge.needs.includes('cluster') && (await player.clusterVariables())),
    ...(shambhalaTools !== undefined && { SHAMBHALA_TOOLS: shambhalaTools }),
    SHAMBHALA_URL: prover.origin,
    SHAMBHALA_TOKEN: player.token,
    SHAMBHALA_CHALLENGE: challenge.id,
    ...(repository !== null && {
      SHAMBHALA_REPOSITORY: repository,
      SHAMBHALA_REPOSITORY_URL: await player.repositoryUrl(repository),
    }),
  }
}

/** Its kubeconfig lies where kubectl and helm look for it, and its log-in where clients of the registry do. */
async function homeFor(player: ProofPlayer, { needs }: Challenge): Promise<(folder: string) => ProofHome> {
  const kubeconfig = needs.includes('cluster') ? { '.kube/config': await player.kubeconfig() } : {}
  const access = needs.includes('registry') ? await player.registry() : null
  return (folder) => {
    const { files, variables } = access ? registryHome(access, folder) : { files: {}, variables: {} }
    return { files: { ...kubeconfig, ...files }, variables }
  }
}
