import { isIPv6, type Server } from 'node:net'
import { codeOf } from './errors.ts'

const noIPv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']

/** Both families at `::`; a machine without IPv6 is reached over IPv4 all the same. */
export async function listenOn(server: Server, port: number, host: string): Promise<void> {
  await bind(server, port, host).catch(async (error: unknown) => {
    if (host !== '::' || !noIPv6.includes(codeOf(error))) throw error
    await bind(server, port, '0.0.0.0')
  })
}

async function bind(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Of all addresses, not of a single one. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** As an address of the Web takes it. */
export function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}
