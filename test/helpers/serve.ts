import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { signalGroup, signalProcess } from '../../src/lib/process.ts'
import { isServerOf } from '../../src/db/embedded/pidfile.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { pidIn } from './embedded.ts'
import { until } from './until.ts'

export interface Command {
  code: number | null
  out: string
  errors: string
}

export interface Served {
  pid: number
  url: string
  organizer: string
  /** What it has said so far. */
  said: () => string
  /** Sends a signal to the whole group, as a terminal does, and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<number | null>
  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null>
}

/** A data folder for servers and verbs of the command line, each in a process of its own. */
export async function openFolder(context: TestContext) {
  const top = await mkdtemp(join(tmpdir(), 'serve-'))
  // The database runs as a user of its own, who has to get through.
  await chmod(top, 0o755)
  const dataDir = join(top, 'data')
  const running = new Set<Served>()
  context.after(async () => {
    for (const served of running) await served.stop('SIGKILL')
    const pid = await pidIn(dataDir).catch(() => undefined)
    if (pid !== undefined && (await isServerOf(join(dataDir, 'postgres', 'cluster'), pid)))
      signalProcess(pid, 'SIGQUIT')
    await rm(top, { recursive: true, force: true, maxRetries: 10 })
  })
  const launch = (verb: string[], settings: Record<string, string>) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(packageRoot(), 'src', 'main.ts'), ...verb],
      {
        cwd: packageRoot(),
        env: {
          PATH: process.env.PATH,
          HOME: top,
          TMPDIR: process.env.TMPDIR,
          DATA_DIR: dataDir,
          PORT: '0',
          HOST: '127.0.0.1',
          LOG_LEVEL: 'warn',
          ...settings,
        },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const texts = { out: '', errors: '' }
    child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (texts.errors += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    return { child, texts, ended }
  }

  return {
    top,
    dataDir,
    /** Runs one verb to its end. */
    command: async (verb: string[], settings: Record<string, string> = {}): Promise<Command> => {
      const { texts, ended } = launch(verb, settings)
      const code = await ended
      return { code, ...texts }
    },
    /** Starts a server and interrupts it as soon as its port answers, while the rest is still starting. */
    interruptStart: async (port: number): Promise<Command> => {
      const { child, texts, ended } = launch(['serve'], { PORT: String(port) })
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) }).then(
          () => true,
          () => false,
        )
      await until(
        'the port to answer',
        60,
        async () => child.exitCode !== null || (await answers()),
        undefined,
        20,
      )
      if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, 'SIGINT')
      const code = await ended
      return { code, ...texts }
    },
    /** Resolves when the server has said where it is. */
    serve: async (settings: Record<string, string> = {}): Promise<Served> => {
      const { child, texts, ended } = launch(['serve'], settings)
      const announced = new Promise<void>((resolve) => {
        child.stdout.on('data', () => {
          if (texts.out.includes('Ctrl-C')) resolve()
        })
      })
      await Promise.race([announced, ended])
      const url = /Play +(\S+)/.exec(texts.out)?.[1]
      const organizer = /Organize +(\S+)/.exec(texts.out)?.[1]
      if (url === undefined || organizer === undefined || child.pid === undefined)
        throw new Error(`the server did not start:\n${texts.out}${texts.errors}`)
      const { pid } = child
      const served: Served = {
        pid,
        url,
        organizer,
        said: () => texts.out + texts.errors,
        async ended() {
          const code = await ended
          running.delete(served)
          return code
        },
        async stop(signal) {
          running.delete(served)
          if (child.exitCode === null && child.signalCode === null) signalGroup(pid, signal)
          return await ended
        },
      }
      running.add(served)
      return served
    },
  }
}

export interface Joined {
  slug: string
  token: string
}

/** Registers a player over the API. */
export async function joinAs(url: string, name: string): Promise<Joined> {
  const response = await fetch(`${url}/api/v1/players`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, password: 'correct horse battery' }),
    signal: AbortSignal.timeout(20_000),
  })
  assert.equal(response.status, 201, await response.clone().text())
  return (await response.json()) as Joined
}
