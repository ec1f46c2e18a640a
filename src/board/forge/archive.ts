import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isObjectId } from '../../core/object-id.ts'
import { isSlug } from '../../core/player.ts'
import { isRepositoryName } from '../../core/repository.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { Fault } from '../../lib/errors.ts'
import type { GitProcess } from './git-process.ts'
import { endsEarly, startOwnGit } from './own-git.ts'
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
      git.process.child.stdin.end([...new Set(Object.values(refs)), ''].join('\n'))
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
    const feeding = pipeline(Readable.from(pack), git.process.child.stdin).catch((error: unknown) => {
      if (!endsEarly(error)) throw error
    })
    await Promise.all([feeding, text(git)])
  }
  const lines = Object.entries(refs).map(([ref, oid]) => `create ${ref}\0${oid}\0`)
  await text(start(gitDir, ['update-ref', '-z', '--stdin'], lines.join('')))
  // Every commit, tree and file that the refs lead to has come.
  await text(start(gitDir, ['rev-list', '--objects', '--quiet', '--all']))
}

interface Running {
  process: GitProcess
  name: string
  gitDir: string
  said: () => string
}

function start(gitDir: string, args: readonly string[], input?: string): Running {
  const process = startOwnGit(gitDir, args)
  let said = ''
  process.child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)))
  if (input !== undefined) process.child.stdin.end(input)
  return { process, name: args[0] ?? '', gitDir, said: () => said.trim() }
}

async function text(git: Running): Promise<string> {
  let out = ''
  for await (const chunk of outputOf(git)) out += chunk.toString()
  return out
}

async function* outputOf({ process, name, gitDir, said }: Running): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of process.child.stdout as AsyncIterable<Buffer>) yield chunk
    const code = await process.done
    if (code !== 0)
      throw new Fault(`git ${name} ended with ${code} in ${gitDir}: ${said().replaceAll('\n', ' ')}`)
  } finally {
    process.end()
  }
}
