import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { allWorkspaces } from '../db/workspaces.ts'
import { partsOf, type Game } from '../game/game.ts'
import { joinHunt } from '../game/proof/player.ts'
import { proveChallenge } from '../game/proof/prove.ts'
import type { ProofStep } from '../game/proof/prover.ts'
import { closeServer } from '../lib/closing.ts'
import { Fault } from '../lib/errors.ts'
import { createLog, type Log } from '../lib/log.ts'
import { packageRoot } from '../lib/root.ts'
import { openCopy } from './prove/open-copy.ts'
import { findPlace, listenAt, mustServeTokens, type ProofPlace, type ReadStorage } from './prove/place.ts'
import { huntServerId } from './prove/server.ts'

interface Master {
  game: Game
  app: RequestListener
  moved: boolean
  close(): Promise<void>
}
interface Opening {
  compose: (config: Config, log: Log, as: { server: string | undefined }) => Promise<Master>
  withStorage: ReadStorage
}

export interface ProveOptions {
  folder?: string
  yes?: boolean
  format: string
}

/**
 * Plays a hunt's challenges with throw-away players on a server of their own, with a database and repositories that are
 * deleted afterwards. Sets the exit code to 1 where a step is not as it must be.
 */
export async function prove(
  config: Config,
  ids: readonly string[],
  options: ProveOptions,
  { compose, withStorage }: Opening,
): Promise<void> {
  const folder = resolve(options.folder ?? config.challengesDir)
  await consent(folder, options.yes === true)
  const stop = stopSignal()
  const home = await mkdtemp(join(tmpdir(), 'shambhala-prove-'))
  // The database may run as a user of its own, who has to get through.
  await chmod(home, 0o755)
  try {
    const challengesDir = join(home, 'challenges')
    await openCopy(folder, challengesDir)
    const place = await findPlace(config, join(home, 'data'), withStorage)
    const given = settings(config, { home, challengesDir, place })
    const as = { server: await huntServerId(config) }
    const master = await compose(given, createLog('warn', false, 2), as)
    const server = createServer(master.app)
    server.on('checkContinue', master.app)
    try {
      if (master.moved)
        throw new Fault(
          `The database cannot reach ${home}: set TMPDIR to a folder that every user may enter.`,
        )
      const origin = await listenAt(server, place)
      const steps = await proveAll({ game: master.game, origin, stop }, ids, options.format)
      report(steps, options.format)
    } finally {
      await closeServer(server, () => master.close())
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Aborts at Ctrl-C, so that what the proof made is taken down in that case too. A second one ends at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.stderr.write('Stopping: what the proof made is taken down …\n')
      stop.abort(new Fault('Stopped: nothing of it is left.'))
    })
  return stop.signal
}

/** Scripts of a hunt from elsewhere run with this user's rights: not without a yes. */
async function consent(folder: string, yes: boolean): Promise<void> {
  if (yes || folder === join(packageRoot(), 'challenges')) return
  const warning = `Proving runs the scripts below ${folder}/*/solution and */wrong and the printed lines on this machine, with your rights.`
  if (!process.stdin.isTTY) throw new Fault(`${warning} If you trust them, add --yes.`)
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(`${warning}\nRun them? [y/N] `)
  asking.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new Fault('Nothing was run.')
}

interface Proof {
  home: string
  challengesDir: string
  place: ProofPlace
}

function settings(config: Config, { home, challengesDir, place }: Proof): Config {
  return {
    ...config,
    dataDir: join(home, 'data'),
    challengesDir,
    databaseUrl: undefined,
    masterSecret: place.standsIn ? config.masterSecret : undefined,
    baseUrl: undefined,
    pushWaitSeconds: 30,
    limitSubmissionsPerMinute: 10_000,
  }
}

interface Proving {
  game: Game
  origin: string
  stop: AbortSignal
}

async function proveAll(
  { game, origin, stop }: Proving,
  ids: readonly string[],
  format: string,
): Promise<ProofStep[]> {
  const unknown = ids.find((id) => !game.hunt.challenges.some((one) => one.id === id))
  if (unknown !== undefined) {
    const known = game.hunt.challenges.map((one) => one.id).join(', ')
    throw new Fault(`There is no challenge ${JSON.stringify(unknown)}; there are ${known}.`)
  }
  const chosen = game.hunt.challenges.filter(
    (one) => !one.retired && (ids.length === 0 || ids.includes(one.id)),
  )
  const players = [await joinHunt(origin), await joinHunt(origin)] as const
  const tell = format === 'json' ? () => undefined : (step: ProofStep) => say(stepLine(step))
  const steps: ProofStep[] = []
  try {
    const { registry } = game.board
    const asksRegistry = chosen.some(({ needs }) => needs.includes('registry'))
    if (registry && asksRegistry) await mustServeTokens(registry, players[0])
    for (const challenge of chosen) {
      stop.throwIfAborted()
      if (format !== 'json') say(`\n${String(challenge.order).padStart(2, '0')} · ${challenge.title.en}`)
      const lacks = challenge.needs.filter((part) => !partsOf(game).has(part))
      if (lacks.length > 0) {
        const why = `this board has no ${lacks.join(', ')}: name one by BOARD_FILE`
        const step = {
          challenge: challenge.id,
          kind: 'board' as const,
          name: 'the board can carry it',
          ok: false,
          why,
          ms: 0,
        }
        // Asked for by name, it is a fault; else the rest of the hunt is proven.
        if (ids.length > 0) steps.push(step)
        tell(step)
      } else steps.push(...(await proveChallenge({ game, origin, players, tell, stop }, challenge)))
    }
  } finally {
    for (const player of players) await player.leave()
    await workspacesGone(game)
  }
  return steps
}

/** What the proof made on a cluster is taken down before its server ends. */
async function workspacesGone(game: Pick<Game, 'sql' | 'board'>): Promise<void> {
  const until = Date.now() + goneMs
  while (game.board.cluster && (await allWorkspaces(game.sql)).some(({ state }) => state !== 'gone')) {
    if (Date.now() > until)
      throw new Fault('Namespaces of the proof are still there: "bin/shambhala board sweep" takes them.')
    await sleep(500)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function stepLine({ ok, name, why, ms }: ProofStep): string {
  const line = `   ${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(58)} ${(ms / 1000).toFixed(1).padStart(6)} s`
  const reason = why === undefined ? [] : why.split('\n').map((text) => `          ${text}`)
  return [line, ...reason].join('\n')
}

const goneMs = 180_000
const columns = ['starter', 'solution', 'neighbour', 'wrong', 'random', 'lines'] as const

function report(steps: readonly ProofStep[], format: string): void {
  const ok = steps.every((step) => step.ok)
  if (!ok) process.exitCode = 1
  if (format === 'json') {
    say(JSON.stringify({ ok, steps }, null, 2))
    return
  }
  say(`\n${'challenge'.padEnd(24)}${columns.map((column) => column.padEnd(11)).join('')}`)
  for (const id of new Set(steps.map((step) => step.challenge))) {
    const cells = columns.map((kind) => {
      const of = steps.filter((step) => step.challenge === id && step.kind === kind)
      return of.length === 0 ? '–' : `${of.filter((step) => step.ok).length}/${of.length}`
    })
    say(`${id.padEnd(24)}${cells.map((cell) => cell.padEnd(11)).join('')}`)
  }
  say(ok ? '\nEvery challenge is proven.' : '\nNot proven: see FAIL above.')
}
