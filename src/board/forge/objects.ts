import { objectIdPattern } from '../../core/object-id.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { tooMuchWork } from './command.ts'
import { hardening } from './environment.ts'
import { isOverwhelmed, type GitProcess } from './git-process.ts'
import type { ObjectInfo } from './types.ts'

interface FoundObject {
  info: ObjectInfo
  body: Buffer
}

interface Question {
  contents: boolean
  resolve(answer: FoundObject | null): void
  reject(error: Error): void
}

/** One `git cat-file` that lives as long as its reader and answers questions in the order in which they were asked. */
export interface ObjectStore {
  info(name: string): Promise<ObjectInfo | null>
  /** Does not ask for the size: the caller has done so. */
  contents(oid: string): Promise<Buffer | null>
  close(): void
}

const found = new RegExp(`^(${objectIdPattern}) (commit|tree|blob|tag) (\\d+)$`)

/** Cuts the stream of answers: one line for each question, then the object's bytes and a line end if `contents` was asked. */
function cutter(questions: Question[]): (chunk: Buffer) => void {
  let line: Buffer[] = []
  let body: { info: ObjectInfo; parts: Buffer[]; left: number } | undefined

  const answerLine = (text: string) => {
    const match = found.exec(text)
    if (!match) {
      questions.shift()?.resolve(null)
      return
    }
    const info = { oid: match[1] ?? '', type: match[2] as ObjectInfo['type'], size: Number(match[3]) }
    if (questions[0]?.contents) body = { info, parts: [], left: info.size + 1 }
    else questions.shift()?.resolve({ info, body: Buffer.alloc(0) })
  }
  const takeBody = (open: NonNullable<typeof body>, chunk: Buffer): Buffer => {
    const part = chunk.subarray(0, open.left)
    open.parts.push(part)
    open.left -= part.length
    if (open.left === 0) {
      body = undefined
      questions.shift()?.resolve({
        info: open.info,
        body: Buffer.concat(open.parts).subarray(0, open.info.size),
      })
    }
    return chunk.subarray(part.length)
  }
  const takeLine = (chunk: Buffer): Buffer => {
    const end = chunk.indexOf(10)
    line.push(end < 0 ? chunk : chunk.subarray(0, end))
    if (end < 0) return Buffer.alloc(0)
    const text = Buffer.concat(line).toString('latin1')
    line = []
    answerLine(text)
    return chunk.subarray(end + 1)
  }

  return (chunk) => {
    for (let rest = chunk; rest.length > 0;) rest = body ? takeBody(body, rest) : takeLine(rest)
  }
}

/** `start` starts a git on the repository, within bounds. */
export function openObjects(
  gitDir: string,
  start: (args: readonly string[]) => GitProcess,
  log: Log,
): ObjectStore {
  const questions: Question[] = []
  let git: GitProcess | undefined
  let dead: Error | undefined

  const die = (why: Error) => {
    dead ??= why
    for (const question of questions.splice(0)) question.reject(dead)
  }
  const open = () => {
    const made = start([...hardening, 'cat-file', '--batch-command'])
    let said = ''
    made.child.stdout.on('data', cutter(questions))
    made.child.stderr.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-500)
      log.warn({ gitDir, stderr: said }, 'git cat-file complains')
    })
    void made.done.then((code) =>
      die(
        isOverwhelmed(code, said) ? tooMuchWork('cat-file') : unreadable(`git cat-file ended with ${code}`),
      ),
    )
    return made
  }
  const ask = (command: 'info' | 'contents', name: string) =>
    new Promise<FoundObject | null>((resolve, reject) => {
      if (dead) {
        reject(dead)
        return
      }
      git ??= open()
      questions.push({ contents: command === 'contents', resolve, reject })
      git.child.stdin.write(`${command} ${name}\n`)
    })

  return {
    info: async (name) => (await ask('info', name))?.info ?? null,
    contents: async (oid) => (await ask('contents', oid))?.body ?? null,
    close() {
      die(unreadable('reading was stopped'))
      git?.end()
    },
  }
}

function unreadable(why: string): Inconclusive {
  return new Inconclusive(`The repository cannot be read: ${why}.`)
}
