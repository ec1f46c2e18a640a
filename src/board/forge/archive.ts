import { spawn } from 'node:child_process'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isObjectId } from '../../core/object-id.ts'
import { isSlug } from '../../core/player.ts'
import { isRepositoryName } from '../../core/repository.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { Fault } from '../../lib/errors.ts'
import { gitEnvironment, hardening } from './environment.ts'
import type { RepositoryArchive, RepositoryRef } from './types.ts'

const headShape = /^refs\/heads\/\S+$/

/**
 * Repositories below `root` as refs and packs, whole with what is hidden. Packs hold objects only, and are checked
 * when they are laid out again: neither configuration nor hooks come out of a backup.
 */
export function createRepositoryArchive(root: string): RepositoryArchive {
  const staging = `${root}.restoring`
  let placed = false
  const placeIn = (folder: string, { slug, name }: RepositoryRef) => {
    if (!isSlug(slug) || !isRepositoryName(name))
      throw new Fault(`No repository can be called ${slug}/${name}: the backup is damaged.`)
    return join(folder, slug, `${name}.git`)
  }
  return {
    async isEmpty() {
      const entries = await readdir(root).catch(() => [])
      return entries.every((entry) => entry.startsWith('.'))
    },
    async refs(repository) {
      const gitDir = placeIn(root, repository)
      const there = await access(join(gitDir, 'HEAD')).then(
        () => true,
        () => false,
      )
      return there ? await readRefs(gitDir) : null
    },
    pack(repository, { refs }) {
      const git = start(placeIn(root, repository), ['pack-objects', '--revs', '--stdout', '-q'])
      git.child.stdin.end([...new Set(Object.values(refs)), ''].join('\n'))
      return outputOf(git)
    },
    async stage(repository, snapshot, pack) {
      await build(placeIn(staging, repository), snapshot, pack)
    },
    async place() {
      await mkdir(staging, { recursive: true, mode: 0o700 })
      await rm(root, { recursive: true, force: true })
      await mkdir(dirname(root), { recursive: true })
      await rename(staging, root)
      placed = true
    },
    async discard() {
      await rm(placed ? root : staging, { recursive: true, force: true })
      placed = false
    },
  }
}

async function readRefs(gitDir: string): Promise<Snapshot> {
  const head = await text(start(gitDir, ['symbolic-ref', 'HEAD']))
  const lines = await text(start(gitDir, ['for-each-ref', '--format=%(objectname) %(refname)']))
  const refs = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))] as const)
  return { head: head.trim(), refs: Object.fromEntries(refs) }
}

async function build(
  gitDir: string,
  { head, refs }: Snapshot,
  pack: AsyncIterable<Buffer> | null,
): Promise<void> {
  if (!headShape.test(head) || !Object.values(refs).every(isObjectId))
    throw new Fault(`The backup is damaged: a repository has refs that Git does not know.`)
  await mkdir(gitDir, { recursive: true, mode: 0o700 })
  await text(start(gitDir, ['init', '-q', '--bare', '--template=', '--initial-branch=main']))
  await text(start(gitDir, ['symbolic-ref', 'HEAD', head]))
  if (pack) {
    const git = start(gitDir, ['index-pack', '--stdin'])
    await Promise.all([pipeline(Readable.from(pack), git.child.stdin).catch(unlessClosed), text(git)])
  }
  const lines = Object.entries(refs).map(([ref, oid]) => `create ${ref}\0${oid}\0`)
  await text(start(gitDir, ['update-ref', '-z', '--stdin'], lines.join('')))
  // Every commit, tree and file that the refs lead to has come.
  await text(start(gitDir, ['rev-list', '--objects', '--quiet', '--all']))
}

/** A git that ends early tells why by its exit code. */
function unlessClosed(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}

interface Running {
  child: ReturnType<typeof spawnGit>
  name: string
  gitDir: string
  said: () => string
  ended: Promise<number>
}

function spawnGit(gitDir: string, args: readonly string[]) {
  return spawn('git', [...hardening, ...args], { cwd: gitDir, env: gitEnvironment(gitDir), stdio: 'pipe' })
}

function start(gitDir: string, args: readonly string[], input?: string): Running {
  const child = spawnGit(gitDir, args)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)))
  // One that ends early closes its input; its exit code tells why.
  child.stdin.on('error', () => undefined)
  if (input !== undefined) child.stdin.end(input)
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve(code ?? 1))
  })
  // Awaited where the output ends; until then a missing git is not unhandled.
  ended.catch(() => undefined)
  return { child, name: args[0] ?? '', gitDir, said: () => said.trim(), ended }
}

async function text(git: Running): Promise<string> {
  let out = ''
  for await (const chunk of outputOf(git)) out += chunk.toString()
  return out
}

async function* outputOf({ child, name, gitDir, said, ended }: Running): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk
    const code = await ended
    if (code !== 0)
      throw new Fault(`git ${name} ended with ${code} in ${gitDir}: ${said().replaceAll('\n', ' ')}`)
  } finally {
    child.kill()
  }
}
