import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { connectTo } from '../../../src/board/cluster/connection.ts'
import { watchNamespaces } from '../../../src/board/cluster/watch.ts'
import { boardFile } from '../../../src/core/board-file.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { uniqueName } from '../../helpers/cluster.ts'
import { wireTo } from '../../helpers/proxy.ts'
import { until } from '../../helpers/until.ts'

const skip = lacksBoard() || lacksTools('kubectl')

async function follow(context: TestContext, kubeconfig: string) {
  const [settings] = boardFile.parse({ clusters: [{ name: 'main', kubeconfig }], budgets: {} }).clusters
  assert.ok(settings)
  const connection = await connectTo(settings, (path) => path)
  const moved: string[] = []
  const watch = watchNamespaces(connection, silentLog, (namespace) => moved.push(namespace))
  context.after(() => {
    watch.close()
    connection.close()
  })
  return { moved, close: () => watch.close() }
}

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-watch-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test(
  'a watch that was cut goes on by itself, and sees namespaces of hunts only',
  { skip },
  async (context) => {
    const { kubeconfig, server } = await openBoard()
    const wire = await wireTo(Number(new URL(server).port))
    context.after(() => wire.close())
    const wired = join(await folderFor(context), 'kubeconfig')
    const text = await readFile(kubeconfig, 'utf8')
    await writeFile(wired, text.replace(server, `https://127.0.0.1:${wire.port}`))
    const { moved } = await follow(context, wired)
    const kubectl = kubectlWith(kubeconfig)
    const [own, other] = [`hunt-${uniqueName()}`, `else-${uniqueName()}`]
    for (const name of [own, other]) await kubectl('create', 'namespace', name)
    context.after(() => kubectl('delete', 'namespace', own, other, '--wait=false'))
    const change = async () => {
      if (moved.includes(own)) return true
      for (const name of [own, other])
        await kubectl('-n', name, 'create', 'service', 'clusterip', uniqueName(), '--tcp=80')
      return false
    }
    const untilSeen = (what: string) => until(what, 30, change, undefined, 300)
    await untilSeen('the first change')
    wire.cut()
    await sleep(300)
    moved.length = 0
    wire.mend()
    await untilSeen('a change after the cut')
    assert.ok(!moved.includes(other))
  },
)

test('a server that ends every watch at once is not asked again and again', async (context) => {
  const asked = { lists: 0, watches: 0 }
  // A real API server does not behave so; one behind a broken proxy did.
  const server = createServer((request, response) => {
    const isWatch = request.url?.includes('watch=true') ?? false
    asked[isWatch ? 'watches' : 'lists'] += 1
    response.end(
      isWatch
        ? '{"type":"ERROR","object":{"kind":"Status","code":410,"metadata":{}}}\n'
        : '{"metadata":{"resourceVersion":"1"}}',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const path = join(await folderFor(context), 'kubeconfig')
  await writeFile(
    path,
    stringify({
      ...(parse('apiVersion: v1\nkind: Config\ncurrent-context: bad') as object),
      clusters: [
        { name: 'bad', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'bad', user: { token: 'secret' } }],
      contexts: [{ name: 'bad', context: { cluster: 'bad', user: 'bad' } }],
    }),
  )
  const { close } = await follow(context, path)
  await sleep(4000)
  close()
  const paths = 8
  assert.ok(asked.watches >= paths, `${asked.watches} watches`)
  // Pauses double from one second on: two or three times for each path in four seconds.
  assert.ok(asked.watches <= 4 * paths, `${asked.watches} watches`)
})
