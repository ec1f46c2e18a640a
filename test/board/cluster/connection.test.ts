import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { connectTo, type Connection } from '../../../src/board/cluster/connection.ts'
import { ApiFailure } from '../../../src/board/cluster/failure.ts'
import { boardFile } from '../../../src/core/board-file.ts'
import { Fault, Inconclusive, TooLarge } from '../../../src/lib/errors.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'

interface Config {
  clusters: { cluster: Record<string, string | boolean> }[]
}

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-connection-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function settingsFor(kubeconfig: string, more: object = {}) {
  const [settings] = boardFile.parse({
    clusters: [{ name: 'main', kubeconfig, ...more }],
    budgets: {},
  }).clusters
  assert.ok(settings)
  return settings
}

/** An API server that misbehaves as no real one can be made to. */
async function badServer(context: TestContext, listener: RequestListener, callMs = 15_000) {
  const sockets = new Set<Socket>()
  const server = createServer(listener)
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const path = join(await folderFor(context), 'kubeconfig')
  await writeFile(
    path,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bad',
      clusters: [
        { name: 'bad', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'bad', user: { token: 'secret' } }],
      contexts: [{ name: 'bad', context: { cluster: 'bad', user: 'bad' } }],
    }),
  )
  const connection = await connectTo(settingsFor(path), (one) => one, callMs)
  context.after(() => connection.close())
  return { connection, sockets }
}

test('calls share one socket', async (context) => {
  const { connection, sockets } = await badServer(context, (_, response) => void response.end('{}'))
  for (let call = 0; call < 5; call += 1) await connection.json('/version')
  assert.equal(sockets.size, 1)
})

test('a server that says nothing, or stops in the middle, is given up on', async (context) => {
  const silent = await badServer(context, () => undefined, 300)
  await assert.rejects(silent.connection.json('/version'), Inconclusive)
  const halting = await badServer(context, (_, response) => void response.write('{"a":'), 300)
  await assert.rejects(halting.connection.json('/version'), Inconclusive)
})

test('what the server says of itself is ours, what it says of the request is an answer', async (context) => {
  let status = 200
  const { connection } = await badServer(context, (_, response) => {
    response.writeHead(status).end(JSON.stringify({ kind: 'Status', reason: 'Because', message: 'told so' }))
  })
  for (status of [401, 408, 429, 500, 503])
    await assert.rejects(connection.json('/'), Inconclusive, String(status))
  for (status of [400, 403, 404, 409, 422])
    await assert.rejects(
      connection.json('/'),
      (error: unknown) =>
        error instanceof ApiFailure &&
        error.status === status &&
        error.reason === 'Because' &&
        error.message === 'told so',
    )
})

test('an answer without end is cut', async (context) => {
  const { connection } = await badServer(context, (_, response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  })
  await assert.rejects(connection.text('/', { maxBytes: 100_000 }), TooLarge)
  const { body, truncated } = await connection.send('/', { maxBytes: 100_000, truncate: true })
  assert.deepEqual([body.length, truncated], [100_000, true])
})

test('a kubeconfig that is not there, or has no context, is told by name', async (context) => {
  const folder = await folderFor(context)
  await assert.rejects(
    connectTo(settingsFor(join(folder, 'nowhere')), (one) => one),
    (error: unknown) => error instanceof Fault && /cluster main: .*nowhere/.test(error.message),
  )
  await writeFile(join(folder, 'empty'), 'apiVersion: v1\nkind: Config\n')
  await assert.rejects(
    connectTo(settingsFor(join(folder, 'empty')), (one) => one),
    Fault,
  )
})

test('a private authority may stand in a file of its own', { skip: lacksBoard() }, async (context) => {
  const { kubeconfig, keys } = await openBoard()
  const folder = await folderFor(context)
  const config = parse(await readFile(kubeconfig, 'utf8')) as Config
  for (const { cluster } of config.clusters) delete cluster['certificate-authority-data']
  await writeFile(join(folder, 'without'), stringify(config))
  const without = await connectTo(settingsFor(join(folder, 'without')), (one) => one)
  await assert.rejects(without.json('/version'), /self-signed|unable to verify|certificate/)
  without.close()
  const more = { certificateAuthority: join(keys, 'ca.crt') }
  await works(await connectTo(settingsFor(join(folder, 'without'), more), (one) => one))
})

test('the way may lead through a proxy', { skip: lacksBoard() }, async (context) => {
  const { kubeconfig } = await openBoard()
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, near: Socket) => {
    asked.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(near).pipe(far)
    })
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  context.after(() => proxy.close())
  const { port } = proxy.address() as AddressInfo
  const settings = settingsFor(kubeconfig, { proxy: `http://127.0.0.1:${port}` })
  await works(await connectTo(settings, (one) => one))
  assert.equal(asked.length, 1)
})

async function works(connection: Connection): Promise<void> {
  const { gitVersion } = await connection.json<{ gitVersion: string }>('/version')
  assert.match(gitVersion, /^v1\./)
  connection.close()
}
