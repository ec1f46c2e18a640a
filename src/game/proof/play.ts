import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Challenge } from '../../core/challenge.ts'
import { Fault } from '../../lib/errors.ts'
import { packageRoot } from '../../lib/root.ts'
import { beginAnew, handIn, type Attempt } from './attempt.ts'
import { printedLines } from './lines.ts'
import type { ProofPlayer } from './player.ts'
import type { Prover } from './prover.ts'
import { runShell } from './script.ts'

const typing = join(packageRoot(), 'src', 'game', 'proof', 'typing')
/** Images are built, releases waited for. */
const seconds = 600

/** A stage in the repository of an earlier one is played after it, in the same clone. */
function stagesFor({ game }: Prover, challenge: Challenge): Challenge[] {
  const before = game.hunt.challenges.filter(
    (one) =>
      challenge.repository !== null &&
      one.repository === challenge.repository &&
      one.order < challenge.order &&
      !one.retired,
  )
  return [...before, challenge]
}

/** `solution/play.bash`: where the printed lines are typed, and what is done between them. */
async function playOf(challenge: Challenge): Promise<string | null> {
  const file = join(challenge.folder, 'solution', 'play.bash')
  return (await stat(file).catch(() => null))?.isFile() === true ? file : null
}

/** Whether there is anything to be typed. */
export async function isPrinted(challenge: Challenge): Promise<boolean> {
  return challenge.commands !== undefined || (await playOf(challenge)) !== null
}

/**
 * Types the printed lines of a stage as one player reads them, in bash, in a home of their own. Resolves to what was judged
 * afterwards; null where the stage does not say what is done between the lines, so that nothing can be expected.
 */
export async function play(
  prover: Prover,
  player: ProofPlayer,
  challenge: Challenge,
  autocrlf: boolean,
): Promise<Attempt | null> {
  const stages = stagesFor(prover, challenge)
  const { variables, home } = await beginAnew(prover, player, challenge)
  const own = await playOf(challenge)
  const args: string[] = []
  const files: Record<string, string> = { ...(await machineOf(player, variables, autocrlf)) }
  for (const stage of stages) {
    const page = await player.printed(stage.id, prover.game.hunt.languages)
    files[`.printed/${stage.id}`] = printedLines(own ? page : { ...page, texts: [] })
      .map((line) => `${line}\0`)
      .join('')
    args.push(stage.id, (await playOf(stage)) ?? '')
  }
  const run = await runShell([join(typing, 'play.bash'), ...args], variables, {
    home: (folder) => {
      const given = home(folder)
      return { ...given, files: { ...given.files, ...files } }
    },
    shell: 'bash',
    seconds,
    stop: prover.stop,
  })
  if (run.code !== 0) throw new Fault(`It ended with ${run.code}:\n${run.output.trim()}`)
  return own === null ? null : await handIn(player, challenge, run, own)
}

/** What a player has set up on their machine before: a name for commits, a token that Git remembers, the usual programs. */
async function machineOf(
  player: ProofPlayer,
  { SHAMBHALA_REPOSITORY_URL: url }: Record<string, string>,
  autocrlf: boolean,
): Promise<Record<string, string>> {
  const config = [
    '[user]\n\tname = Seeker\n\temail = seeker@mountain.invalid',
    `[core]\n\tautocrlf = ${autocrlf}`,
    '[credential]\n\thelper = store',
    '[advice]\n\tdetachedHead = false',
  ]
  const program = async (name: string) => [`bin/${name}`, await readFile(join(typing, name), 'utf8')] as const
  return {
    '.gitconfig': `${config.join('\n')}\n`,
    ...(url !== undefined && { '.git-credentials': `${loginAt(url, player)}\n` }),
    ...Object.fromEntries(await Promise.all(['docker', 'helm'].map(program))),
  }
}

function loginAt(url: string, { token }: ProofPlayer): string {
  const { protocol, host, username } = new URL(url)
  return `${protocol}//${username}:${token}@${host}`
}
