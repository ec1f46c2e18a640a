import { Transform, type Readable, type TransformCallback } from 'node:stream'
import { readBody } from './bounded/body.ts'
import { stopped } from './bounded/exchange.ts'
import { follow, type BoundedCall, type Followed } from './bounded/follow.ts'
import { Inconclusive } from './errors.ts'
import { timeoutSignal } from './deadline.ts'

export interface BoundedRequest extends BoundedCall {
  /** Bytes of the body that are read at most; it is never unpacked. */
  maxBytes: number
}

export interface BoundedAnswer extends Omit<Followed, 'response'> {
  body: Buffer
  /** false where the body is longer, broke off, or did not end in time: `body` is its beginning. */
  complete: boolean
}

/**
 * One request to somebody who may be hostile: bounded in bytes, time and redirects, and connected to nowhere but where
 * `connectTo` says. Throws `Unanswered` where no answer comes, `Inconclusive` when `signal` fires.
 */
export async function boundedRequest(call: BoundedRequest): Promise<BoundedAnswer> {
  const deadline = timeoutSignal(call.totalMs ?? 10_000)
  const { response, ...answer } = await follow(call, deadline)
  const stop = AbortSignal.any([deadline, call.signal])
  const { bytes: body, complete } = await readBody(response, call.maxBytes, stop)
  if (call.signal.aborted) throw stopped()
  return { ...answer, body, complete }
}

export interface BoundedStream extends Omit<Followed, 'response'> {
  /** Fails as `Inconclusive` where it breaks off, stalls or is stopped. The connection lives until it is read or destroyed. */
  stream: Readable
}

/** As `boundedRequest`, for a body that is read as it comes; whoever reads it bounds its bytes. */
export async function boundedStream(call: BoundedCall): Promise<BoundedStream> {
  const deadline = timeoutSignal(call.totalMs ?? 10_000)
  const { response, ...answer } = await follow(call, deadline)
  const stop = AbortSignal.any([deadline, call.signal])
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done: TransformCallback) => done(null, chunk),
    destroy(error, done) {
      stop.removeEventListener('abort', cut)
      response.destroy()
      done(error)
    },
  })
  const cut = () => {
    stream.destroy(call.signal.aborted ? stopped() : broken(answer, 'did not end in time'))
  }
  stop.addEventListener('abort', cut, { once: true })
  response.on('error', (cause) => stream.destroy(broken(answer, 'broke off', cause)))
  response.pipe(stream)
  if (stop.aborted) cut()
  return { ...answer, stream }
}

function broken({ url }: { url: URL }, why: string, cause?: Error): Inconclusive {
  return new Inconclusive(`the answer of ${url.host} ${why}`, { cause })
}
