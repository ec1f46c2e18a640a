import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { isDiskAway } from '../../lib/disk.ts'
import type { PushHead } from './push-head.ts'
import { band, flush, pkt } from './pktline.ts'
import { faultOf, hintsFor, refusal, reportOf, takenRefs, warningOf } from './refusal.ts'
import { removeLeftovers } from './leftovers.ts'
import { noRepository, userOf, type GitRequest } from './git-request.ts'
import { startGit } from './serve-process.ts'
import { isPlain, printLine } from './terminal.ts'
import { answerHead, arrive, feed, readHead, relay, write, type Arrived } from './transfer.ts'
import { hookTexts } from './words.ts'
import type { RefUpdate, Snapshot } from './types.ts'

const zero = '0'.repeat(40)
const aliveMs = 5000
const nothing = pkt(Buffer.from([1]))
const resultType = 'application/x-git-receive-pack-result'

type Turn =
  | { refuse: readonly string[] }
  | { ticket: string; receivedAt: Date; updates: RefUpdate[]; snapshot: Snapshot }
  /** Nothing more to say than Git's own words, and these. */
  | { lines: readonly string[] }

/** A push: its head is read and bounded, then Git takes it in; what moved is told to the game, whose lines go into Git's answer. */
export async function receivePack(given: GitRequest): Promise<void> {
  const { res, repository, words, log } = given
  const head = await readHead(given)
  if (typeof head === 'string')
    return void res.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${head}\n`)
  if (head === null) {
    answerHead(res, resultType)
    return void res.end()
  }
  const say = sayerFor(head)
  const turn = await arriveAndTake(given, head, say).catch((error: unknown) => {
    if (!isDiskAway(error) || res.headersSent) throw error
    log.error({ err: error, repository }, 'a push finds no room on the disk')
    return { refuse: words.noRoom }
  })
  if (turn === null) return
  if ('refuse' in turn) {
    answerHead(res, resultType)
    return void res.end(refusal(head, turn.refuse.map(say)))
  }
  const sideband = head.capabilities.has('side-band-64k')
  const lines = 'lines' in turn ? turn.lines : tell(given, head, turn)
  // As Git does it: nothing at all, so that no proxy on the way takes the silence of a long judging for the end.
  const alive = setInterval(() => sideband && write(res, nothing), aliveMs)
  try {
    for await (const line of lines) if (sideband) write(res, band(2, `${say(line)}\n`))
  } finally {
    clearInterval(alive)
  }
  write(res, flush)
  res.end()
}

type Say = (line: string) => string

function sayerFor({ options }: PushHead): Say {
  const plain = isPlain(options)
  return (line) => printLine(line, { plain })
}

interface WholePush {
  head: PushHead
  arrived: Arrived
  say: Say
}

async function arriveAndTake(given: GitRequest, head: PushHead, say: Say): Promise<Turn | null> {
  const arrived = await arrive(given, head)
  if (arrived === null) return null
  try {
    // One push at a time: what moved is told by comparing the refs before and after. The verdict is waited for outside.
    return await given.turn(given.repository, () => takeTurn(given, { head, arrived, say }))
  } finally {
    await arrived.spool.close()
  }
}

async function takeTurn(given: GitRequest, push: WholePush): Promise<Turn> {
  const { receiver, user, words, repository, limits, log, gitDirOf } = given
  // While the push came in, its player may have left.
  await access(join(gitDirOf(repository), 'HEAD')).catch(() => {
    throw noRepository(words)
  })
  // Or have revoked the token.
  await userOf(given.req, given.res, receiver)
  const before = await snapshotOf(given)
  const fault = faultOf(push.head, before, limits, words)
  if (fault !== null) return { refuse: fault }
  await removeLeftovers(gitDirOf(repository), Date.now() - limits.wallSeconds * 1000)
  const allowed = await receiver.pushing(user, repository, before)
  if ('refuse' in allowed) return { refuse: [allowed.refuse] }
  const { ticket } = allowed
  const lines = await takeIn(given, push)
  const snapshot = await snapshotOf(given).catch((error: unknown) => {
    log.error({ err: error, repository, ticket }, 'what a push moved cannot be read')
    return null
  })
  if (snapshot === null) return { lines: [words.judgedLater] }
  const updates = updatesBetween(before, snapshot)
  if (updates.length > 0) return { ticket, receivedAt: push.arrived.at, updates, snapshot }
  await receiver.unmoved(ticket).catch((error: unknown) => {
    log.error({ err: error, ticket }, 'a push that moved nothing stays open')
  })
  return { lines }
}

async function snapshotOf({ reader, repository }: GitRequest): Promise<Snapshot> {
  const open = reader(repository)
  try {
    return await open.snapshot()
  } finally {
    open.close()
  }
}

/** Git takes the push in. What to do then, in lines, for when nothing moved. */
async function takeIn(given: GitRequest, { head, arrived, say }: WholePush): Promise<readonly string[]> {
  const { res, limits, log, gitDirOf, repository, running, user, words } = given
  const gitDir = gitDirOf(repository)
  answerHead(res, resultType)
  const sideband = head.capabilities.has('side-band-64k')
  if (sideband) for (const line of warningOf(head, words)) write(res, band(2, `${say(line)}\n`))
  const forHooks = { ...hookTexts(words, say), ...takenRefs(head) }
  const git = startGit(gitDir, ['receive-pack', '--stateless-rpc', '.'], limits, forHooks)
  running.set(git, user.slug)
  try {
    const [, relayed] = await Promise.all([feed(head, arrived, git), relay(res, git)])
    const { code, reported, said } = relayed
    if (code !== 0) log.info({ code, said, repository }, 'receive-pack refused a push')
    // A git that was killed had no time to clean up behind itself.
    if (typeof code === 'string') await removeLeftovers(gitDir, Infinity)
    if (!reported && sideband) write(res, band(1, reportOf(head, say(words.stopped))))
    return hintsFor(relayed, limits, words)
  } finally {
    running.delete(git)
  }
}

/** The game's lines. What goes wrong there comes too late to undo the push: the game judges it by itself later. */
async function* tell(
  { receiver, log, user, words, repository }: GitRequest,
  head: PushHead,
  { ticket, ...moved }: Extract<Turn, { ticket: string }>,
): AsyncGenerator<string> {
  try {
    yield* receiver.pushed(ticket, { user, repository, options: head.options, ...moved })
  } catch (error) {
    log.error({ err: error, ticket }, 'a push could not be told of')
    yield words.judgedLater
  }
}

function updatesBetween(before: Snapshot, after: Snapshot): RefUpdate[] {
  const names = new Set([...Object.keys(before.refs), ...Object.keys(after.refs)])
  return [...names]
    .map((ref) => ({ ref, before: before.refs[ref] ?? zero, after: after.refs[ref] ?? zero }))
    .filter((update) => update.before !== update.after)
}
