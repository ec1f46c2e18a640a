import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createEmbeddedForge } from '../../src/board/forge/embedded.ts'
import type { ForgeLimits } from '../../src/board/forge/limits.ts'
import type { Forge, GitUser, Push, PushReceiver, RepositoryRef } from '../../src/board/forge/types.ts'
import type { StarterHistory } from '../../src/core/history.ts'
import type { Language } from '../../src/core/text.ts'
import { silentLog, type Log } from '../../src/lib/log.ts'

export const tara: GitUser = { memberId: '1', playerId: '1', slug: 'tara', language: 'en' }
export const milo: GitUser = { memberId: '2', playerId: '2', slug: 'milo', language: 'en' }
export const map: RepositoryRef = { slug: 'tara', name: 'torn-map' }

export interface Ran {
  code: number
  out: string
  err: string
}

/** A git client with a home of its own; its configuration is nobody's. */
export interface Client {
  dir: string
  git(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): Promise<Ran>
  /** Writes files and commits them in a clone. */
  commit(clone: string, files: Readonly<Record<string, string | Buffer>>, message?: string): Promise<string>
}

export interface TestForge {
  forge: Forge
  root: string
  /** The repository on disk. */
  gitDir: string
  port: number
  server: Server
  client: Client
  /** Address with credentials in it. */
  url(user?: GitUser, repository?: RepositoryRef): string
  /** Everything that the game was told. */
  told: {
    pushing: number
    unmoved: string[]
    pushed: Push[]
  }
  /** What the game answers; tests replace it. */
  receiver: PushReceiver
  close(): Promise<void>
}

/** The forge behind a real server. The game's side alone stands in: it says who may and remembers what it was told. */
export async function startForge(
  options: {
    limits?: Partial<ForgeLimits>
    starter?: StarterHistory | null
    log?: Log
    /** What everybody reads. */
    language?: Language
  } = {},
): Promise<TestForge> {
  const root = mkdtempSync(join(tmpdir(), 'shambhala-forge-'))
  const forge = await createEmbeddedForge({
    root: join(root, 'repositories'),
    log: options.log ?? silentLog,
    ...(options.limits && { limits: options.limits }),
  })
  await forge.ensure(map, () => Promise.resolve(options.starter ?? null))
  const told: TestForge['told'] = { pushing: 0, unmoved: [], pushed: [] }
  const { language = 'en' } = options
  const receiver: PushReceiver = {
    authenticate: (name, password) => {
      const user = password === 'secret' ? [tara, milo].find(({ slug }) => slug === name) : undefined
      return Promise.resolve(user ? { ...user, language } : null)
    },
    allowed: (user, repository) =>
      Promise.resolve(user.slug === repository.slug && repository.name === map.name),
    pushing: () => Promise.resolve({ ticket: String((told.pushing += 1)) }),
    // eslint-disable-next-line @typescript-eslint/require-await -- the game's answer is a stream; this one has nothing to wait for
    pushed: async function* (_ticket, push) {
      told.pushed.push(push)
      yield 'success: the map is whole'
    },
    unmoved: (ticket) => Promise.resolve(void told.unmoved.push(ticket)),
  }
  const serve = forge.serve?.bind(forge)
  if (!serve) throw new Error('this forge does not serve')
  const listener: Parameters<typeof createServer>[1] = (req, res) => {
    req.url = (req.url ?? '').replace(/^\/git/, '')
    serve(receiver)(req, res)
  }
  const server = createServer(listener)
  server.on('checkContinue', listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = clientIn(join(root, 'client'))
  return {
    forge,
    root: join(root, 'repositories'),
    gitDir: join(root, 'repositories', map.slug, `${map.name}.git`),
    port,
    server,
    client,
    url: (user = tara, repository = map) =>
      `http://${user.slug}:secret@127.0.0.1:${port}/git/${repository.slug}/${repository.name}.git`,
    told,
    receiver,
    async close() {
      await forge.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function clientIn(dir: string): Client {
  mkdirSync(dir, { recursive: true })
  const identity = { NAME: 'Tara', EMAIL: 'tara@example.org', DATE: '1700000000 +0000' }
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  }
  const git: Client['git'] = (args, { cwd = dir, env: extra = {} } = {}) =>
    new Promise((resolve) => {
      const all = { cwd, env: { ...env, ...extra }, maxBuffer: 2 ** 26, timeout: 120_000 }
      execFile('git', args, all, (error, out, err) =>
        resolve({ code: error ? Number(error.code ?? 255) : 0, out: out.trim(), err }),
      )
    })
  return {
    dir,
    git,
    async commit(clone, files, message = 'A step') {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true })
        writeFileSync(join(clone, path), content)
      }
      await git(['add', '-A'], { cwd: clone })
      const { code, err } = await git(['commit', '-q', '-m', message], { cwd: clone })
      if (code !== 0) throw new Error(err)
      return (await git(['rev-parse', 'HEAD'], { cwd: clone })).out
    },
  }
}

/** A clone of Tara's repository, in a folder of the client's. */
export async function cloneOf(test: TestForge, name = 'clone'): Promise<string> {
  const { code, err } = await test.client.git(['clone', '-q', test.url(), name])
  if (code !== 0) throw new Error(err)
  return join(test.client.dir, name)
}

/** A starter of one commit on main. */
export function smallStarter(content = 'north\n'): StarterHistory {
  const person = { name: 'The Hunt', email: 'hunt@shambhala.invalid' }
  const date = '2021-03-01T09:00:00+01:00'
  const files = [{ path: 'map.txt', mode: '100644' as const, content: Buffer.from(content) }]
  return {
    commits: [{ id: 'a', parents: [], author: person, committer: person, date, message: 'Start\n', files }],
    branches: { main: 'a' },
    head: 'main',
    tags: [],
    notes: [],
  }
}
