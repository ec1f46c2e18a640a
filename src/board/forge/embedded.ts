import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { StarterHistory } from '../../core/history.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { gitEnvironment, hardening } from './environment.ts'
import { fastImportStream } from './fast-import.ts'
import { defaultLimits, type ForgeLimits } from './limits.ts'
import { hiddenRefs, openReader, starterRefs } from './reader.ts'
import { createServe } from './serve.ts'
import type { GitProcess } from './serve-process.ts'
import type { Forge, RepositoryRef } from './types.ts'

const slugShape = /^[a-z][a-z0-9]{1,19}$/
const nameShape = /^[a-z][a-z0-9-]{0,39}$/

/** Bare repositories below `root`, as `<root>/<slug>/<name>.git`, served over HTTP by this process. */
export async function createEmbeddedForge(options: {
  root: string
  limits?: Partial<ForgeLimits>
  log: Log
}): Promise<Forge> {
  const { root, log } = options
  const limits = { ...defaultLimits, ...options.limits }
  const running = new Set<GitProcess>()
  await mkdir(root, { recursive: true, mode: 0o700 })

  const gitDirOf = ({ slug, name }: RepositoryRef): string => {
    if (!slugShape.test(slug) || !nameShape.test(name))
      throw new Error(`no repository can be called ${slug}/${name}`)
    return join(root, slug, `${name}.git`)
  }
  const reader = (repository: RepositoryRef) => openReader(gitDirOf(repository), { log })
  const has = (repository: RepositoryRef) => exists(join(gitDirOf(repository), 'HEAD'))

  const ensure: Forge['ensure'] = async (repository, starter) => {
    if (await has(repository)) return
    const gitDir = gitDirOf(repository)
    await mkdir(join(root, repository.slug), { recursive: true, mode: 0o700 })
    await withBuilt(root, await starter(), async (built) => {
      await rename(built, gitDir).catch(async (error: unknown) => {
        // Another process was quicker.
        if (!(await has(repository))) throw error
      })
    })
  }

  return {
    has,
    ensure,
    async reset(repository, starter) {
      const gitDir = gitDirOf(repository)
      if (!(await has(repository))) return await ensure(repository, starter)
      await withBuilt(root, await starter(), async (built) => {
        await copyPacks(built, gitDir)
        const fresh = await refsOf(built, 'refs/')
        const old = (await refsOf(gitDir, 'refs/')).filter(
          ([ref]) => !ref.startsWith(hiddenRefs) || ref.startsWith(starterRefs),
        )
        const kept = new Set(fresh.map(([ref]) => ref))
        const lines = [
          ...old.filter(([ref]) => !kept.has(ref)).map(([ref]) => `delete ${ref}\n`),
          ...fresh.map(([ref, oid]) => `update ${ref} ${oid}\n`),
        ]
        await run(gitDir, ['update-ref', '--stdin'], lines.join(''))
      })
    },
    async remove(slug) {
      if (!slugShape.test(slug)) throw new Error(`no player can be called ${slug}`)
      const gone = join(root, `.gone-${randomBytes(6).toString('hex')}`)
      const moved = await rename(join(root, slug), gone).then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
          throw error
        },
      )
      if (moved) await rm(gone, { recursive: true, force: true })
    },
    reader,
    async pin(repository, oids) {
      const lines = oids
        .filter((oid) => /^[0-9a-f]{40,64}$/.test(oid))
        .map((oid) => `update ${hiddenRefs}evidence/${oid} ${oid}\n`)
      if (lines.length > 0) await run(gitDirOf(repository), ['update-ref', '--stdin'], lines.join(''))
    },
    async bundle(repository) {
      const open = reader(repository)
      const { refs } = await open.snapshot().finally(() => open.close())
      if (Object.keys(refs).length === 0) return null
      const gitDir = gitDirOf(repository)
      const child = spawn(
        'git',
        [...hardening, 'bundle', 'create', '-q', '-', `--exclude=${hiddenRefs}*`, '--all'],
        {
          cwd: gitDir,
          env: gitEnvironment(gitDir),
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      )
      child.on('error', (error) => child.stdout.destroy(error))
      return Readable.from(child.stdout)
    },
    serve: createServe({ limits, log, gitDirOf, reader, running }),
    close() {
      for (const git of running) git.kill()
      return Promise.resolve()
    },
  }
}

/** Builds a repository under a temporary name, so that a half-made one is never seen, and removes what is left of it. */
async function withBuilt(
  root: string,
  starter: StarterHistory | null,
  use: (built: string) => Promise<void>,
): Promise<void> {
  const built = join(root, `.new-${randomBytes(6).toString('hex')}`)
  try {
    await mkdir(built)
    await run(built, ['init', '-q', '--bare', '--template=', `--initial-branch=${starter?.head ?? 'main'}`])
    if (starter) {
      // Kept as a pack, which a reset can lay into another repository.
      await run(
        built,
        ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--done', '--force'],
        fastImportStream(starter),
      )
      const refs = await refsOf(built, 'refs/')
      const lines = refs.map(([ref, oid]) => `create ${starterRefs}${ref.slice('refs/'.length)} ${oid}\n`)
      await run(built, ['update-ref', '--stdin'], lines.join(''))
    }
    await use(built)
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

async function copyPacks(from: string, to: string): Promise<void> {
  const packs = join('objects', 'pack')
  await mkdir(join(to, packs), { recursive: true })
  const files = await readdir(join(from, packs)).catch(() => [])
  // The index last: without it the pack does not count yet.
  const order = (file: string) => (file.endsWith('.idx') ? 1 : 0)
  for (const file of files.sort((a, b) => order(a) - order(b)))
    await copyFile(join(from, packs, file), join(to, packs, file))
}

async function refsOf(gitDir: string, below: string): Promise<[string, string][]> {
  const out = await run(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)', below])
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ') as [string, string])
}

/** A command of ours on a repository; rejects as `Inconclusive`, since nothing in it is a player's fault. */
async function run(
  gitDir: string,
  args: readonly string[],
  input: string | Iterable<Buffer> = '',
): Promise<string> {
  const child = spawn('git', [...hardening, ...args], {
    cwd: gitDir,
    env: gitEnvironment(gitDir),
    stdio: 'pipe',
  })
  let out = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-2000)))
  child.stdin.on('error', () => undefined)
  const ended = new Promise<number>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (typeof input === 'string') child.stdin.end(input)
  else Readable.from(input).pipe(child.stdin)
  const code = await ended
  if (code !== 0) throw new Inconclusive(`git ${args[0] ?? ''} failed: ${said.trim()}`)
  return out
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
