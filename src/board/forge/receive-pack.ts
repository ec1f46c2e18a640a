import { flush, band, pkt, takePacket } from './pktline.ts'
import { createHeadReader, type PushHead } from './push-head.ts'
import { answerHead, type GitRequest } from './serve.ts'
import { startGit, type GitProcess } from './serve-process.ts'
import type { RefUpdate, Snapshot } from './types.ts'

const zero = '0'.repeat(40)
// Room for tens of thousands of refs: they are refused, but each is answered by name.
const headBytes = 8 * 2 ** 20
const allowedRef = /^refs\/(heads|tags|notes)\/[^\x00-\x20\x7f~^:?*[\\]{1,200}$/

/** A push: its head is read and bounded, then Git takes it in; what moved is told to the game, whose lines go into Git's answer. */
export async function receivePack(given: GitRequest): Promise<void> {
  const { body, limits, res } = given
  const head = await readHead(given)
  if (head === null) {
    answerHead(res, resultType)
    return void res.end()
  }
  if (typeof head === 'string')
    return void res.writeHead(400, { 'Content-Type': 'text/plain' }).end(`${head}\n`)
  const before = await snapshotOf(given)
  const fault = faultOf(head, before, limits.refs, limits.refsPerPush)
  if (fault !== null) return await refusePush(given, head, fault)
  const ticket = await given.hooks.pushing(given.user, given.repository, before)
  if ('refuse' in ticket) return await refusePush(given, head, [ticket.refuse])
  await takeIn(given, head, before, ticket.ticket)
  body.resume()
}

const resultType = 'application/x-git-receive-pack-result'

async function snapshotOf({ reader, repository }: GitRequest): Promise<Snapshot> {
  const open = reader(repository)
  try {
    return await open.snapshot()
  } finally {
    open.close()
  }
}

/** The push's head; null: a probe without commands; text: what is wrong with the request. The body is paused behind the head. */
async function readHead({ body }: GitRequest): Promise<PushHead | string | null> {
  const read = createHeadReader(headBytes)
  return await new Promise((resolve) => {
    const stop = (value: PushHead | string | null) => {
      body.off('data', onData)
      body.off('end', onEnd)
      body.off('error', onError)
      body.pause()
      resolve(value)
    }
    const onData = (chunk: Buffer) => {
      try {
        const head = read(chunk)
        if (head) stop(head.commands.length === 0 ? null : head)
      } catch (error) {
        stop((error as Error).message)
        body.resume()
      }
    }
    const onEnd = () => stop(null)
    const onError = () => stop('the body of this request cannot be read')
    body.on('data', onData).on('end', onEnd).on('error', onError).on('close', onEnd)
  })
}

function faultOf(head: PushHead, before: Snapshot, most: number, perPush: number): string[] | null {
  if (head.commands.length > perPush)
    return [
      `error: this push moves more than ${perPush} refs`,
      'hint: push one branch at a time, such as git push origin main',
    ]
  const foreign = head.commands.find((command) => !allowedRef.test(command.ref))
  if (foreign) {
    return [
      `error: ${foreign.ref.slice(0, 80)} cannot be pushed here`,
      'hint: branches, tags and notes can: refs/heads/…, refs/tags/…, refs/notes/…',
    ]
  }
  const names = new Set([...Object.keys(before.refs), ...head.commands.map((command) => command.ref)])
  return names.size > most
    ? [
        `error: this repository would have more than ${most} refs`,
        'hint: delete branches that you do not need',
      ]
    : null
}

/** Reads the rest of the request, then answers as Git would: each ref refused, the reason in the terminal. */
async function refusePush(
  { body, res }: GitRequest,
  head: PushHead,
  lines: readonly string[],
): Promise<void> {
  body.resume()
  await new Promise<void>((resolve) => {
    if (body.readableEnded || body.destroyed) resolve()
    else
      body
        .on('end', resolve)
        .on('close', resolve)
        .on('error', () => resolve())
  })
  const report = Buffer.concat([
    pkt('unpack ok\n'),
    ...head.commands.map((command) =>
      pkt(`ng ${command.ref} ${(lines[0] ?? 'refused').replace(/^error: /, '')}\n`),
    ),
    flush,
  ])
  answerHead(res, resultType)
  if (!head.capabilities.has('side-band-64k')) return void res.end(report)
  res.end(Buffer.concat([...lines.map((line) => band(2, `${line}\n`)), band(1, report), flush]))
}

async function takeIn(given: GitRequest, head: PushHead, before: Snapshot, ticket: string): Promise<void> {
  const { hooks, res, limits, gitDirOf, repository, running, user } = given
  const git = startGit(gitDirOf(repository), ['receive-pack', '--stateless-rpc', '.'], limits)
  running.add(git)
  answerHead(res, resultType)
  const sideband = head.capabilities.has('side-band-64k')
  const [arrival, answered] = await Promise.all([feed(given, head, git), relay(given, git)])
  running.delete(git)

  const snapshot = await snapshotOf(given)
  const updates = updatesBetween(before, snapshot)
  if (updates.length === 0) {
    await hooks.unmoved(ticket)
    if (!answered && sideband)
      write(
        res,
        band(
          2,
          `error: ${git.child.signalCode ?? 'git'}: the push was too much for the limits of this server\n`,
        ),
      )
  } else {
    const push = {
      user,
      repository,
      receivedAt: arrival ?? new Date(),
      updates,
      snapshot,
      options: head.options,
    }
    for await (const line of hooks.pushed(ticket, push)) if (sideband) write(res, band(2, `${line}\n`))
  }
  write(res, flush)
  res.end()
}

/** Hands the push to Git. Resolves to when all of it had come in, or null where the client went away before. */
async function feed(
  { body, req, limits }: GitRequest,
  head: PushHead,
  git: GitProcess,
): Promise<Date | null> {
  const { stdin } = git.child
  stdin.write(head.raw)
  if (head.rest.length > 0) stdin.write(head.rest)
  if (body.readableEnded) {
    stdin.end()
    return new Date()
  }
  return await new Promise((resolve) => {
    let size = 0
    let decided = false
    const over = (date: Date | null) => {
      if (decided) return
      decided = true
      if (date === null) git.kill()
      else stdin.end()
      resolve(date)
    }
    // Git stops reading at its limit; the client still wants to send the rest, up to a bound, before it reads an answer.
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.pushBytes * 20) return void req.destroy()
      if (stdin.writable && !stdin.write(chunk)) {
        body.pause()
        const go = () => {
          stdin.off('drain', go)
          stdin.off('close', go)
          body.resume()
        }
        stdin.on('drain', go).on('close', go)
      }
    })
    body.on('end', () => over(new Date()))
    body.on('error', () => over(null))
    body.on('close', () => over(null))
    body.resume()
  })
}

/** Passes Git's answer on but for its last flush, behind which nothing could be said. Resolves to whether Git answered at all. */
async function relay({ res, log, repository }: GitRequest, git: GitProcess): Promise<boolean> {
  let pending: Buffer = Buffer.alloc(0)
  let answered = false
  git.child.stdout.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let taken = takePacket(pending); taken; taken = takePacket(pending)) {
      pending = taken.rest
      answered = true
      if (taken.packet.payload !== null) write(res, taken.packet.raw)
    }
  })
  let said = ''
  git.child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-2000)))
  const code = await git.done
  if (code !== 0) log.info({ code, said, repository }, 'receive-pack refused a push')
  return answered
}

/** To a client that went away nothing is written, and nothing is waited for. */
function write(res: GitRequest['res'], data: Buffer): void {
  if (!res.destroyed && !res.writableEnded) res.write(data)
}

function updatesBetween(before: Snapshot, after: Snapshot): RefUpdate[] {
  const names = new Set([...Object.keys(before.refs), ...Object.keys(after.refs)])
  return [...names]
    .map((ref) => ({ ref, before: before.refs[ref] ?? zero, after: after.refs[ref] ?? zero }))
    .filter((update) => update.before !== update.after)
}
