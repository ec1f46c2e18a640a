import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Each listens on a port of its own, which is given, until the test is over. */
export async function listenHttp(
  context: TestContext,
  answer: RequestListener,
  address?: string,
): Promise<number> {
  return await listen(context, createHttpServer(answer), address)
}

export async function listenHttps(context: TestContext, pair: KeyPair, answer: RequestListener) {
  return await listen(context, createHttpsServer(pair, answer))
}

/** For answers that no HTTP server would give: calls back with each connection once the request's head has come. */
export async function listenRaw(context: TestContext, answer: (socket: Socket, head: string) => void) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    let head = ''
    const read = (chunk: Buffer) => {
      head += chunk.toString()
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', read).resume()
      answer(socket, head)
    }
    socket.on('data', read)
  })
  return await listen(context, server)
}

async function listen(context: TestContext, server: Server, address = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

export interface KeyPair {
  key: string
  cert: string
}

/** A certificate that vouches for itself, made out to `names`, such as `DNS:web.example.org`; they may hold anything. */
export async function selfSigned(names: readonly string[], days = 30): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-certificate-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', `${days}`]
    const config = join(folder, 'request.cnf')
    const numbered = names.map((name, index) => name.replace(':', `.${index} = `))
    const sections = ['[req]', 'distinguished_name = dn', 'x509_extensions = own', '[dn]', '[own]']
    await writeFile(config, [...sections, 'subjectAltName = @names', '[names]', ...numbered, ''].join('\n'))
    const holder = ['-config', config, '-subj', '/O=Village/CN=Village CA']
    await run('openssl', ['req', '-x509', ...kind, ...holder, '-keyout', key, '-out', cert])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}
