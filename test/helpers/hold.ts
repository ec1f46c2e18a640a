import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to a server of HTTP on which one answer can be kept back. */
export interface Holding {
  port: number
  /** Keeps the next answer for such a path back; resolves when the server has given it. */
  hold(path: RegExp): Promise<{ release(): void }>
  close(): void
}

export async function holdBefore(port: number): Promise<Holding> {
  let next: { path: RegExp; given: (held: { release(): void }) => void } | null = null
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked
    const far = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
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
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
