import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReader } from '../../src/board/forge/reader.ts'
import type { RepositoryReader } from '../../src/board/forge/types.ts'
import { silentLog } from '../../src/lib/log.ts'

/** A file of a commit: its content, or content with a mode, or the commit of a submodule. */
export type Content = string | Buffer | { mode: '100755' | '120000'; content: string } | { submodule: string }

export interface CommitOptions {
  ref?: string
  parents?: readonly string[]
  message?: string | Buffer
  author?: string
  date?: string
}

/** A bare repository on disk that tests write with git's own plumbing, so that it can hold what no work tree could. */
export interface TestRepository {
  dir: string
  git(args: readonly string[], input?: string | Buffer): string
  /** Writes a commit whose tree is exactly `files` (names may be bytes in latin1), moves `ref` there, and gives its id. */
  commit(files: Readonly<Record<string, Content>>, options?: CommitOptions): string
  reader(signal?: AbortSignal): RepositoryReader
  remove(): void
}

export function makeRepository(): TestRepository {
  const dir = mkdtempSync(join(tmpdir(), 'shambhala-test-'))
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LC_ALL: 'C',
    GIT_DIR: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Abhra',
    GIT_AUTHOR_EMAIL: 'abhra@example.org',
    GIT_AUTHOR_DATE: '1700000000 +0200',
    GIT_COMMITTER_NAME: 'Tara',
    GIT_COMMITTER_EMAIL: 'tara@example.org',
    GIT_COMMITTER_DATE: '1700000100 +0000',
  }
  const git = (args: readonly string[], input: string | Buffer = '') =>
    execFileSync('git', args, {
      cwd: dir,
      env,
      input,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
      .toString()
      .trim()
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', dir], { env: { ...env, GIT_DIR: undefined } })
  const readers: RepositoryReader[] = []
  return {
    dir,
    git,
    commit(files, options = {}) {
      const { ref = 'refs/heads/main', message = 'A step', author = 'Abhra <abhra@example.org>' } = options
      const date = options.date ?? '1700000000 +0200'
      const parents = (options.parents ?? []).map((sha) => `parent ${sha}\n`).join('')
      const head = `tree ${writeTree(git, files)}\n${parents}author ${author} ${date}\ncommitter Tara <tara@example.org> ${date}\n`
      const object = Buffer.concat([Buffer.from(`${head}\n`), Buffer.from(message)])
      const sha = git(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], object)
      git(['update-ref', '--', ref, sha])
      return sha
    },
    reader(signal) {
      const reader = openReader(dir, { log: silentLog, ...(signal && { signal }) })
      readers.push(reader)
      return reader
    },
    remove() {
      for (const reader of readers) reader.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

type Git = TestRepository['git']

function writeTree(git: Git, files: Readonly<Record<string, Content>>): string {
  const folders = new Map<string, Record<string, Content>>()
  const entries: Buffer[] = []
  const add = (mode: string, type: string, sha: string, name: string) =>
    entries.push(Buffer.from(`${mode} ${type} ${sha}\t${name}\0`, 'latin1'))
  for (const [path, content] of Object.entries(files)) {
    const slash = path.indexOf('/')
    if (slash > 0) {
      const folder = path.slice(0, slash)
      folders.set(folder, { ...folders.get(folder), [path.slice(slash + 1)]: content })
    } else if (typeof content === 'object' && 'submodule' in content)
      add('160000', 'commit', content.submodule, path)
    else add(modeOf(content), 'blob', writeBlob(git, content), path)
  }
  for (const [folder, inside] of folders) add('040000', 'tree', writeTree(git, inside), folder)
  return git(['mktree', '-z', '--missing'], Buffer.concat(entries))
}

function modeOf(content: Content): string {
  return typeof content === 'object' && 'mode' in content ? content.mode : '100644'
}

function writeBlob(git: Git, content: Exclude<Content, { submodule: string }>): string {
  const bytes = typeof content === 'object' && 'mode' in content ? content.content : content
  return git(['hash-object', '-w', '--stdin'], bytes)
}
