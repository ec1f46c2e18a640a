import { access, constants, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isObjectId } from '../../core/object-id.ts'
import { isSlug } from '../../core/player.ts'
import { isRepositoryName } from '../../core/repository.ts'
import { Fault, Inconclusive } from '../../lib/errors.ts'
import { probeDisk } from '../../lib/disk.ts'
import { createGate } from '../../lib/gate.ts'
import type { Log } from '../../lib/log.ts'
import { accessTo, loginOf } from './access.ts'
import { layOver, removeHalfMade, withBuilt } from './build.ts'
import type { TakeTurn } from './git-request.ts'
import type { GitProcess } from './git-process.ts'
import { defaultLimits, type ForgeLimits } from './limits.ts'
import { ownGit, startOwnGit } from './own-git.ts'
import { createPlaces, type Places } from './places.ts'
import { hiddenRefs, openReader } from './reader.ts'
import { createServe } from './serve.ts'
import { hooksFolder } from './serve-process.ts'
import { collecting, evidenceRefs, letGo } from './tidy.ts'
import type { Forge, RepositoryRef, TidyPlan } from './types.ts'

/** Repositories on this disk, and what works on them now. */
interface Store {
  root: string
  limits: ForgeLimits
  log: Log
  /** Children that closing has to end, with whose repository they serve. */
  running: Map<GitProcess, string>
  turn: TakeTurn
  places: Places
  closed: boolean
}

/** Bare repositories below `root`, as `<root>/<slug>/<name>.git`, served over HTTP by this process. */
export async function createEmbeddedForge(options: {
  root: string
  limits?: Partial<ForgeLimits>
  log: Log
}): Promise<Forge> {
  const { root, log } = options
  const turns = createGate(1)
  const turn: TakeTurn = ({ slug, name }, work) => turns.pass(`${slug}/${name}`, work)
  const limits = { ...defaultLimits, ...options.limits }
  const running: Store['running'] = new Map()
  const places = createPlaces(root, (slug) => end({ running }, (one) => one === slug))
  const store: Store = { root, limits, log, running, turn, places, closed: false }
  await mkdir(root, { recursive: true, mode: 0o700 })
  await removeHalfMade(root, log)
  for (const hook of ['pre-receive', 'update']) await mustRun(join(hooksFolder, hook))

  const gitDirOf = (repository: RepositoryRef) => gitDirIn(store, repository)
  const reader = (repository: RepositoryRef) => {
    const started = (git: GitProcess) => keep(store, repository.slug, git)
    const open = openReader(gitDirOf(repository), { log, started })
    if (store.closed) open.close()
    return open
  }
  return {
    login: loginOf,
    access: accessTo,
    has: (repository) => has(store, repository),
    ensure: (repository, starter) => ensure(store, repository, starter),
    reset: (repository, starter) => reset(store, repository, starter),
    async remove(slug) {
      if (!isSlug(slug)) throw new Error(`no player can be called ${slug}`)
      await places.remove(slug)
    },
    owners: async () => (await readdir(root)).filter(isSlug),
    reader,
    ping: () => probeDisk(root),
    async pin(repository, oids) {
      const lines = oids.filter(isObjectId).map((oid) => `update ${evidenceRefs}${oid} ${oid}\n`)
      if (lines.length > 0) await ownGit(gitDirOf(repository), ['update-ref', '--stdin'], lines.join(''))
    },
    tidy: (repository, plan) => tidy(store, repository, plan),
    async bundle(repository) {
      const open = reader(repository)
      const { refs } = await open.snapshot().finally(() => open.close())
      return Object.keys(refs).length === 0 ? null : bundleOf(store, repository)
    },
    serve: createServe({ spoolFolder: root, limits, log, gitDirOf, reader, running: store.running, turn }),
    async close() {
      store.closed = true
      await end(store, () => true)
    },
  }
}

type Starter = Parameters<Forge['ensure']>[1]

function gitDirIn({ root }: Store, { slug, name }: RepositoryRef): string {
  if (!isSlug(slug) || !isRepositoryName(name)) throw new Error(`no repository can be called ${slug}/${name}`)
  return join(root, slug, `${name}.git`)
}

async function has(store: Store, repository: RepositoryRef): Promise<boolean> {
  return await exists(join(gitDirIn(store, repository), 'HEAD'))
}

async function ensure(store: Store, repository: RepositoryRef, starter: Starter): Promise<void> {
  if (await has(store, repository)) return
  const { root } = store
  const gitDir = gitDirIn(store, repository)
  const place = store.places.begin(repository.slug)
  const put = async (built: string) => {
    await mkdir(join(root, repository.slug), { recursive: true, mode: 0o700 })
    await rename(built, gitDir).catch(async (error: unknown) => {
      // Another process was quicker.
      if (!(await has(store, repository))) throw error
    })
  }
  await withBuilt(root, await starter(), (built) => place(() => put(built)))
}

async function reset(store: Store, repository: RepositoryRef, starter: Starter): Promise<void> {
  const gitDir = gitDirIn(store, repository)
  if (!(await has(store, repository))) {
    await ensure(store, repository, starter)
    return
  }
  const { root, turn, places } = store
  const place = places.begin(repository.slug)
  const history = await starter()
  await turn(repository, () => withBuilt(root, history, (built) => place(() => layOver(built, gitDir))))
}

async function tidy(store: Store, repository: RepositoryRef, plan: TidyPlan): Promise<{ more: boolean }> {
  const gitDir = gitDirIn(store, repository)
  if (!(await has(store, repository))) return { more: false }
  return await store.turn(repository, async () => {
    const { collect, more } = await letGo(gitDir, store.limits.quotaBytes, plan)
    if (!collect) return { more }
    const git = startOwnGit(gitDir, collecting)
    keep(store, repository.slug, git)
    git.child.stdin.end()
    git.child.stdout.resume()
    git.child.stderr.resume()
    const code = await git.done
    if (code !== 0) throw new Inconclusive(`git gc ended with ${code}`)
    return { more }
  })
}

/** What works on a player's repositories ends with them, and with the server. */
function keep({ running, closed }: Store, slug: string, git: GitProcess): void {
  running.set(git, slug)
  void git.done.then(() => running.delete(git))
  if (closed) git.end()
}

/** Ends what runs on the repositories of these players. */
async function end({ running }: Pick<Store, 'running'>, which: (slug: string) => boolean): Promise<void> {
  const ended = [...running].filter(([, slug]) => which(slug)).map(([git]) => git)
  for (const git of ended) git.end()
  await Promise.all(ended.map((git) => git.done))
}

function bundleOf(store: Store, repository: RepositoryRef): Readable {
  const git = startOwnGit(gitDirIn(store, repository), [
    'bundle',
    'create',
    '-q',
    '-',
    `--exclude=${hiddenRefs}*`,
    '--all',
  ])
  keep(store, repository.slug, git)
  git.child.stdin.end()
  git.child.stderr.resume()
  // Whoever reads may leave while Git still counts and has said nothing.
  return Readable.from(outputOf(git)).once('close', git.end)
}

async function* outputOf(git: GitProcess): AsyncGenerator<Buffer> {
  for await (const chunk of git.child.stdout as AsyncIterable<Buffer>) yield chunk
  const code = await git.done
  if (code !== 0) throw new Inconclusive(`git bundle ended with ${code}`)
}

/** Git passes over a hook that cannot be run, and with it over the limits that it keeps. */
async function mustRun(hook: string): Promise<void> {
  await access(hook, constants.X_OK).catch(() => {
    throw new Fault(`${hook} cannot be run: chmod +x it, or install Shambhala anew.`)
  })
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
