import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A way to a server of HTTP on which answers can be kept back or broken off. */
export interface Holding {
  port: number
  /** Keeps the next answer for such a path back; resolves when the server has given it. */
  hold(path: RegExp): Promise<{ release(): void }>
  /** From now on the connection of every answer for such a path ends in the middle of it; null: of none any more. */
  breakOff(path: RegExp | null): void
  close(): void
}

export async function holdBefore(port: number): Promise<Holding> {
  let next: { path: RegExp; given: (held: { release(): void }) => void } | null = null
  let broken: RegExp | null = null
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked
    const far = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      if (broken?.test(path ?? '')) return void passHalf(response, answer)
      const pass = () => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      }
      if (!next?.path.test(path ?? '')) return pass()
      const { given } = next
      next = null
      given({ release: pass })
    })
    far.on('error', () => answer.destroy())
    asked.pipe(far)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    hold: (path) => new Promise((given) => (next = { path, given })),
    breakOff: (path) => void (broken = path),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function passHalf(response: IncomingMessage, answer: ServerResponse): Promise<void> {
  const body = await buffer(response)
  answer.writeHead(response.statusCode ?? 502, { ...response.headers, 'content-length': body.length })
  answer.write(body.subarray(0, body.length / 2), () => answer.destroy())
}
