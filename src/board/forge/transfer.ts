import type { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import type { GitRequest } from './git-request.ts'
import type { ForgeLimits } from './limits.ts'
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

/** Its client went away before all of it had come in. */
export function isGone(body: Readable): boolean {
  return body.destroyed && !body.readableEnded
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

/** Reads the rest of a refused push to nowhere: a client reads the answer only after it has sent all. */
export async function drain(given: GitRequest): Promise<void> {
  await receive(given, () => undefined)
}

/** Hands the push to Git. Resolves to when all of it had come in, or null where the client went away before. */
export async function feed(given: GitRequest, head: PushHead, git: GitProcess): Promise<Date | null> {
  const { stdin } = git.child
  stdin.write(head.raw)
  if (head.rest.length > 0) stdin.write(head.rest)
  const all = await receive(given, (chunk) => {
    // Git stops reading at its limit, and the rest goes nowhere.
    if (!stdin.writable || stdin.write(chunk)) return
    return new Promise<void>((resolve) => {
      const go = () => {
        stdin.off('drain', go).off('close', go)
        resolve()
      }
      stdin.on('drain', go).on('close', go)
    })
  })
  if (all) stdin.end()
  else git.end()
  return all ? new Date() : null
}

/**
 * Reads the body as far as `take` wants it and leaves it paused. A promise from `take` is waited for.
 * True: the end was reached. A client that stalls, or sends more or longer than any push may take, is cut off.
 */
async function receive(
  { req, body, limits }: Pick<GitRequest, 'req' | 'body' | 'limits'>,
  take: (chunk: Buffer) => Promise<void> | 'enough' | undefined,
): Promise<boolean> {
  if (body.readableEnded) return true
  if (body.destroyed) return false
  return await new Promise((resolve) => {
    const cut = () => {
      req.destroy()
    }
    const bound = boundsOf(limits)
    const longest = setTimeout(cut, bound.totalMs)
    let idle = setTimeout(cut, bound.idleMs)
    let size = 0
    let done = false
    const over = (all: boolean) => {
      done = true
      clearTimeout(longest)
      clearTimeout(idle)
      body.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose).pause()
      resolve(all)
    }
    const onEnd = () => over(true)
    const onClose = () => over(false)
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > bound.bytes) {
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
        idle = setTimeout(cut, bound.idleMs)
        return
      }
      body.pause()
      void taken.then(() => {
        if (done) return
        idle = setTimeout(cut, bound.idleMs)
        body.resume()
      })
    }
    body.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose).resume()
  })
}

function boundsOf(limits: ForgeLimits): { bytes: number; totalMs: number; idleMs: number } {
  const { pushBytes, wallSeconds, idleSeconds } = limits
  return {
    bytes: pushBytes * 20,
    totalMs: (wallSeconds + idleSeconds) * 1000,
    idleMs: idleSeconds * 1000,
  }
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
