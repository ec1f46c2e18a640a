import type { IncomingMessage } from 'node:http'

export interface Body {
  bytes: Buffer
  /** The body ended, in time and within the limit. */
  complete: boolean
}

/** The first `maxBytes` of a body, or what had come when it broke off or `stop` fired; the connection is closed in any case. */
export async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  stop: AbortSignal,
): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  const cut = () => response.destroy()
  stop.addEventListener('abort', cut, { once: true })
  try {
    const ended = await new Promise<boolean>((resolve) => {
      response.once('end', () => resolve(true))
      response.once('close', () => resolve(false))
      response.on('error', () => undefined)
      response.on('data', (chunk: Buffer) => {
        // Chunks of one byte would cost far more than their bytes.
        if (chunks.length >= 64) chunks.splice(0, chunks.length, Buffer.concat(chunks))
        chunks.push(chunk)
        size += chunk.length
        if (size > maxBytes) cut()
      })
      if (stop.aborted) cut()
    })
    const bytes = Buffer.concat(chunks).subarray(0, maxBytes)
    return { bytes, complete: ended && response.complete && size <= maxBytes }
  } finally {
    stop.removeEventListener('abort', cut)
    response.destroy()
  }
}
