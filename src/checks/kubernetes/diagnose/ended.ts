import type { Problem } from '../../../core/problem.ts'
import type { ContainerStatus, Terminated } from '../shapes.ts'
import { brief } from '../words.ts'
import { problem } from './make.ts'

/** After so many restarts, a program that waits for another one to come up would have met it. */
const hopelessRestarts = 3

interface Ended {
  object: string
  pod: string
  status: ContainerStatus
  ended: Terminated
  /** Its last lines. */
  log: string
  /** Memory limit as the pod says it. */
  memory: string | undefined
  /** Its liveness probe's complaint. */
  liveness: string | undefined
}

/** Why a container that ended did so. */
export function endedProblem(one: Ended): Problem {
  const { object, status, ended, log } = one
  // A program that ends well has waited for nobody.
  const waits = ended.exitCode !== 0 || one.liveness !== undefined
  const heals = waits && status.restartCount < hopelessRestarts && status.restartCount > 0
  const details = {
    pod: one.pod,
    container: status.name,
    exitCode: String(ended.exitCode),
    log,
    restarts: String(status.restartCount),
  }
  if (ended.reason === 'OOMKilled') return outOfMemory(one, details, heals)
  if (one.liveness !== undefined)
    return problem(
      'liveness-failing',
      object,
      {
        en: `${object}: container ${status.name} is killed and restarted again and again since its liveness probe fails: ${one.liveness}`,
        fr: `${object} : le conteneur ${status.name} est tué et relancé sans cesse car sa liveness probe échoue : ${one.liveness}`,
      },
      { ...details, message: one.liveness },
      { heals },
    )
  if (isForeign(`${ended.message ?? ''}\n${log}`)) return foreignProgram(object, details)
  if (['StartError', 'ContainerCannotRun'].includes(ended.reason ?? ''))
    return cannotStart(object, { ...details, message: brief(ended.message) })
  return status.restartCount > 0 ? crashLoop(one, details, heals) : exited(one, details)
}

function outOfMemory(
  { object, status, memory }: Ended,
  details: Record<string, string>,
  heals: boolean,
): Problem {
  const limit = memory === undefined ? '' : brief(memory, 40)
  return problem(
    'oom-killed',
    object,
    {
      en: `${object}: container ${status.name} was killed since it used more memory than its limit${limit && ` of ${limit}`}.`,
      fr: `${object} : le conteneur ${status.name} a été tué car il a pris plus de mémoire que sa limite${limit && ` de ${limit}`}.`,
    },
    { ...details, limit },
    { heals },
  )
}

/** What Linux says of a program that is made for another processor, or of a script that does not say who reads it. */
function isForeign(said: string): boolean {
  return /exec format error/i.test(said)
}

function foreignProgram(object: string, details: Record<string, string>): Problem {
  const container = details['container'] ?? ''
  return problem(
    'wrong-platform',
    object,
    {
      en: `${object}: container ${container} cannot be started: its program is not made for the processor of the node (exec format error). Build the image for it, mostly with \`docker build --platform linux/amd64\`; a script needs a first line such as #!/bin/sh.`,
      fr: `${object} : le conteneur ${container} ne peut pas démarrer : son programme n’est pas fait pour le processeur du nœud (exec format error). Construis l’image pour lui, en général avec \`docker build --platform linux/amd64\` ; un script a besoin d’une première ligne comme #!/bin/sh.`,
    },
    details,
  )
}

export function cannotStart(object: string, details: Record<string, string>): Problem {
  if (isForeign(details['message'] ?? '')) return foreignProgram(object, details)
  const program = /exec: "([^"]+)"/.exec(details['message'] ?? '')?.[1]
  const container = details['container'] ?? ''
  return problem(
    'cannot-start',
    object,
    program === undefined
      ? {
          en: `${object}: container ${container} cannot be started: ${details['message'] ?? ''}`,
          fr: `${object} : le conteneur ${container} ne peut pas démarrer : ${details['message'] ?? ''}`,
        }
      : {
          en: `${object}: container ${container} cannot be started: its image has no program “${program}” that can be run.`,
          fr: `${object} : le conteneur ${container} ne peut pas démarrer : son image n’a pas de programme « ${program} » exécutable.`,
        },
    { ...details, program: program ?? '' },
  )
}

function crashLoop(
  { object, status, ended, log }: Ended,
  details: Record<string, string>,
  heals: boolean,
): Problem {
  const last = lastLine(log)
  const code = meaningOf(ended.exitCode)
  const times = status.restartCount
  return problem(
    'crash-loop',
    object,
    {
      en: `${object}: container ${status.name} ends again and again, with exit code ${ended.exitCode}${code && ` (${code.en})`}; it was restarted ${times === 1 ? 'once' : `${times} times`}.${last && ` Its last line: ${last}`}`,
      fr: `${object} : le conteneur ${status.name} s’arrête sans cesse, avec le code ${ended.exitCode}${code && ` (${code.fr})`} ; il a été relancé ${times} fois.${last && ` Sa dernière ligne : ${last}`}`,
    },
    details,
    { heals },
  )
}

function exited({ object, status, ended, log }: Ended, details: Record<string, string>): Problem {
  const last = lastLine(log)
  const code = meaningOf(ended.exitCode)
  return problem(
    'exited',
    object,
    {
      en: `${object}: container ${status.name} ended with exit code ${ended.exitCode}${code && ` (${code.en})`}.${last && ` Its last line: ${last}`}`,
      fr: `${object} : le conteneur ${status.name} s’est arrêté avec le code ${ended.exitCode}${code && ` (${code.fr})`}.${last && ` Sa dernière ligne : ${last}`}`,
    },
    details,
  )
}

function lastLine(log: string): string {
  return brief(log.split('\n').at(-1), 300)
}

const meanings: Readonly<Record<number, { en: string; fr: string }>> = {
  0: {
    en: 'it ended by itself, though it should keep running',
    fr: 'fin normale, alors qu’il devrait tourner',
  },
  126: { en: 'its command cannot be executed', fr: 'sa commande n’est pas exécutable' },
  127: { en: 'its command was not found', fr: 'sa commande est introuvable' },
  137: { en: 'killed by SIGKILL', fr: 'tué par SIGKILL' },
  139: { en: 'it crashed: segmentation fault', fr: 'erreur de segmentation' },
  143: { en: 'stopped by SIGTERM', fr: 'arrêté par SIGTERM' },
}

function meaningOf(exitCode: number): { en: string; fr: string } | '' {
  return meanings[exitCode] ?? ''
}
