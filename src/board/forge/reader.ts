import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObjectId } from '../../core/object-id.ts'
import { Inconclusive, TooLarge } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { gitRunner, type Run } from './command.ts'
import { gitEnvironment } from './environment.ts'
import { readBounds, startLimited, type GitProcess } from './git-process.ts'
import { openObjects } from './objects.ts'
import type { RepositoryReader } from './types.ts'

export interface ReaderOptions {
  /** Stops all reading; what was under way ends in `Inconclusive`. */
  signal?: AbortSignal
  log: Log
  /** The git program; found by name when not said. */
  git?: string
  /** Told of every git that is started. */
  started?: (git: GitProcess) => void
}

/** The one that answers questions lives as long as its reader, which has a deadline of its own. */
const lifeBounds = { ...readBounds, wallSeconds: 900 }

/** Refs below this are ours: never part of a snapshot, never shown to a player. */
export const hiddenRefs = 'refs/shambhala/'
/** The starter's refs are kept here: `refs/heads/main` as `refs/shambhala/starter/heads/main`. */
export const starterRefs = `${hiddenRefs}starter/`

/** Reads one bare repository on this disk. See `RepositoryReader` for what is thrown. */
export function openReader(gitDir: string, options: ReaderOptions): RepositoryReader {
  const { log, git = 'git', started } = options
  const stop = new AbortController()
  const start = (args: readonly string[], extra: Record<string, string> = {}, bounds = readBounds) => {
    const made = startLimited(gitDir, args, {
      env: { ...gitEnvironment(gitDir, git), ...extra },
      bounds,
      git,
    })
    started?.(made)
    return made
  }
  const objects = openObjects(gitDir, (args) => start(args, {}, lifeBounds), log)
  const close = () => {
    options.signal?.removeEventListener('abort', close)
    objects.close()
    stop.abort()
  }
  options.signal?.addEventListener('abort', close)
  if (options.signal?.aborted) close()

  const run = gitRunner({ gitDir, log, stop: stop.signal, start })
  const info = (names: readonly string[]) =>
    Promise.all(names.map((name) => (isOneName(name) ? objects.info(name) : Promise.resolve(null))))

  return {
    async snapshot() {
      const [head, refs] = await Promise.all([readHead(gitDir), readRefs(run, 'refs/')])
      return { head, refs: Object.fromEntries(refs.filter(([name]) => !name.startsWith(hiddenRefs))) }
    },
    async starter() {
      const [head, refs] = await Promise.all([readHead(gitDir), readRefs(run, starterRefs)])
      return {
        head,
        refs: Object.fromEntries(refs.map(([name, oid]) => [`refs/${name.slice(starterRefs.length)}`, oid])),
      }
    },
    git: run,
    info,
    async contents(oid, maxBytes) {
      if (!isObjectId(oid)) return null
      const known = await objects.info(oid)
      if (!known) return null
      if (known.size > maxBytes)
        throw new TooLarge(
          `An object (${known.type} ${oid.slice(0, 7)}) has ${known.size} bytes; at most ${maxBytes} are read.`,
          `Un objet (${known.type} ${oid.slice(0, 7)}) fait ${known.size} octets ; on en lit ${maxBytes} au plus.`,
        )
      return objects.contents(oid)
    },
    close,
  }
}

/**
 * A question to `cat-file` is one line: a name with a line end would be two questions. It ends at a path that begins with `./`
 * or `../`, which Git takes as relative to a work tree that there is not.
 */
function isOneName(name: string): boolean {
  return name !== '' && name.length <= 8192 && !/[\n\0]|:\.{1,2}(\/|$)/.test(name)
}

/** The branch that HEAD names, empty where it names none. One short file: a process of its own would cost more than all else here. */
async function readHead(gitDir: string): Promise<string> {
  try {
    const text = await readFile(join(gitDir, 'HEAD'), 'utf8')
    return /^ref: (\S+)/.exec(text)?.[1] ?? ''
  } catch (error) {
    throw new Inconclusive('The repository cannot be read: it has no HEAD.', { cause: error })
  }
}

async function readRefs(run: Run, below: string): Promise<[string, string][]> {
  const out = await run(['for-each-ref', '--format=%(objectname) %(refname)', below])
  return out
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const space = line.indexOf(' ')
      return [line.slice(space + 1), line.slice(0, space)]
    })
}
