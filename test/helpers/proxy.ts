import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A wire to a server that can be cut: while it is, connections end and new ones are refused. */
export interface Wire {
  port: number
  cut(): void
  mend(): void
  close(): void
}

export async function wireTo(port: number, host = '127.0.0.1'): Promise<Wire> {
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(port, host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    }
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => void (whole = true),
    close() {
      cut()
      server.close()
    },
  }
}
