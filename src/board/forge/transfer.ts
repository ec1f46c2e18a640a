import { pipeline } from 'node:stream/promises'
import type { ServerResponse } from 'node:http'
import type { GitRequest } from './git-request.ts'
import { longestMs } from './limits.ts'
import { createSpool, type Spool } from './spool.ts'
import { takePacket } from './pktline.ts'
import { createHeadReader, type PushHead } from './push-head.ts'
import type { GitProcess } from './git-process.ts'

// Room for tens of thousands of refs: they are refused, but each is answered by name.
const headBytes = 8 * 2 ** 20
const saidKept = 4000

export function answerHead(res: ServerResponse, type: string): void {
  res.writeHead(200, {
    'Content-Type': type,
    'Cache-Control': 'no-cache, max-age=0, must-revalidate',
    'X-Accel-Buffering': 'no',
  })
}

/** The push's head; null: a probe without commands; text: what is wrong with the request. The body is paused behind the head. */
export async function readHead(given: GitRequest): Promise<PushHead | string | null> {
  const read = createHeadReader(headBytes)
  let found: PushHead | string | null = null
  await receive(given, (chunk) => {
    try {
      const head = read(chunk)
      if (head === null) return
      found = head.commands.length === 0 ? null : head
    } catch (error) {
      found = (error as Error).message
    }
    return 'enough'
  })
  return found
}

/** The rest of a push, and when all of it had come in. */
export interface Arrived {
  at: Date
  spool: Spool
}

/** Takes in what follows the head, be it slowly; null where the client went away before the end. Whoever gets it closes it. */
export async function arrive(given: GitRequest, { rest }: PushHead): Promise<Arrived | null> {
  // Git itself says that a push is too large: it is shown a little more than it takes.
  const spool = createSpool(given.spoolFolder, given.limits.pushBytes + headBytes)
  let fault: unknown = null
  // What breaks here is told at the end: Git hears no answer before it has said all.
  const take = (chunk: Buffer) =>
    fault === null ? spool.take(chunk)?.catch((error: unknown) => void (fault = error)) : undefined
  await take(rest)
  const whole = await receive(given, take)
  if (whole && fault === null) return { at: new Date(), spool }
  await spool.close()
  if (whole) throw fault
  return null
}

/** Hands a push that has come in to Git, which stops reading at its limit. */
export async function feed(
  head: PushHead,
  { spool }: Arrived,
  { child: { stdin } }: GitProcess,
): Promise<void> {
  stdin.write(head.raw)
  await pipeline(spool.content(), stdin).catch((error: unknown) => {
    if (!stdin.destroyed) throw error
  })
}

/**
 * Reads the body as far as `take` wants it and leaves it paused. A promise from `take` is waited for.
 * True: the end was reached. A client that stalls, or sends more or slower than any push may, is cut off.
 */
async function receive(
  { req, body, limits }: Pick<GitRequest, 'req' | 'body' | 'limits'>,
  take: (chunk: Buffer) => Promise<void> | 'enough' | undefined,
): Promise<boolean> {
  if (body.readableEnded) return true
  if (body.destroyed) return false
  return await new Promise((resolve, reject) => {
    const cut = () => {
      req.destroy()
    }
    const began = Date.now()
    const idleMs = limits.idleSeconds * 1000
    let idle = setTimeout(cut, idleMs)
    let size = 0
    let done = false
    const stop = () => {
      done = true
      clearTimeout(idle)
      body.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose).pause()
    }
    const over = (all: boolean) => {
      stop()
      resolve(all)
    }
    const onEnd = () => over(true)
    const onClose = () => over(false)
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.pushBytes * 20 || Date.now() - began > longestMs(limits, size)) {
        cut()
        return
      }
      const taken = take(chunk)
      if (taken === 'enough') {
        over(false)
        return
      }
      clearTimeout(idle)
      if (taken === undefined) {
        idle = setTimeout(cut, idleMs)
        return
      }
      body.pause()
      taken.then(
        () => {
          if (done) return
          idle = setTimeout(cut, idleMs)
          body.resume()
        },
        (error: unknown) => {
          stop()
          reject(error instanceof Error ? error : new Error('a push cannot be kept', { cause: error }))
        },
      )
    }
    body.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose).resume()
  })
}

/** What became of a push within Git. */
export interface Relayed {
  /** Exit code, or the signal's name. */
  code: number | string
  /** Whether Git said what became of the refs. */
  reported: boolean
  /** The end of what Git said, on whatever band. */
  said: string
}

/** Passes Git's answer on but for its last flush, behind which nothing could be said. */
export async function relay(res: ServerResponse, git: GitProcess): Promise<Relayed> {
  const { stdout, stderr } = git.child
  let pending: Buffer = Buffer.alloc(0)
  let reported = false
  let said = ''
  const hear = (text: Buffer) => (said = (said + text.toString('utf8')).slice(-saidKept))
  const passOn = (): void => {
    for (let taken = takePacket(pending); taken; taken = takePacket(pending)) {
      pending = taken.rest
      const { payload, raw } = taken.packet
      if (payload === null) continue
      hear(payload)
      // Without a sideband there is the report alone.
      if (payload[0] !== 2) reported = true
      write(res, raw)
    }
  }
  stdout.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    try {
      passOn()
    } catch {
      // No pkt-lines: a git in distress, which `reported` tells.
      pending = Buffer.alloc(0)
    }
    if (!res.destroyed && res.writableNeedDrain) {
      stdout.pause()
      const go = () => {
        res.off('drain', go).off('close', go)
        stdout.resume()
      }
      res.on('drain', go).on('close', go)
    }
  })
  stderr.on('data', hear)
  const code = await git.done
  return { code, reported, said }
}

/** To a client that went away nothing is written, and nothing is waited for. */
export function write(res: ServerResponse, data: Buffer): void {
  if (!res.destroyed && !res.writableEnded) res.write(data)
}
