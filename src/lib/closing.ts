import type { Server } from 'node:http'
import { atMost } from './deadline.ts'

const graceMs = 5_000
const idleEveryMs = 50

/**
 * Takes no further connections, ends `work`, and lets the answers that are being written then come to their ends: five seconds at
 * most, after which what is still open is cut.
 */
export async function closeServer(server: Server, work: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that is kept alive after its last answer would hold the server open.
  const idle = setInterval(() => server.closeIdleConnections(), idleEveryMs)
  try {
    await work()
    await atMost(graceMs, closed)
  } finally {
    clearInterval(idle)
    server.closeAllConnections()
  }
  await closed
}
