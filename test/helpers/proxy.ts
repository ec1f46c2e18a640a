import { Transform } from 'node:stream'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A wire to a server that can be cut: while it is, connections end and new ones are refused. */
export interface Wire {
  port: number
  cut(): void
  /** Connections, new ones too, stay open and carry nothing, as when a laptop slept or a router forgot them. */
  hush(): void
  /** What was silent meanwhile is over; new connections work. */
  mend(): void
  close(): void
}

export interface WireOptions {
  host?: string
  /** Bytes a second in each direction; as fast as it goes when not said. */
  pace?: number
}

export async function wireTo(port: number, { host = '127.0.0.1', pace }: WireOptions = {}): Promise<Wire> {
  const sockets = new Set<Socket>()
  let whole = true
  let silent = false
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(port, host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    }
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    if (silent) return
    if (pace === undefined) near.pipe(far).pipe(near)
    else {
      near.pipe(slowed(pace)).pipe(far)
      far.pipe(slowed(pace)).pipe(near)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hush() {
      silent = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    mend() {
      if (silent) cut()
      silent = false
      whole = true
    },
    close() {
      cut()
      server.close()
    },
  }
}

const ticks = 20

function slowed(pace: number): Transform {
  return new Transform({
    highWaterMark: Math.ceil(pace / ticks),
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => done(null, chunk), (chunk.length / pace) * 1000)
    },
  })
}
