import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { check } from '../../src/checks/http.ts'
import { Inconclusive } from '../../src/lib/errors.ts'
import { lacksBoard } from '../helpers/board.ts'
import { applyObjects, connect } from '../helpers/board/objects.ts'
import { listenHttp } from '../helpers/listen.ts'
import { contextOf } from '../helpers/look.ts'
import { clusterWith, openNamespace, type TestNamespace } from '../helpers/namespace.ts'
import { until } from '../helpers/until.ts'

/** The API server leads nobody to a loopback address. */
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find((one) => one.family === 'IPv4' && !one.internal)?.address

/** A Service `web` with the port `http`, behind which a server of this machine answers, or nobody. */
async function serve(context: TestContext, place: TestNamespace, answer?: RequestListener) {
  const { name: namespace, kubeconfig } = place
  const port = answer ? await listenHttp(context, answer, address) : 80
  const spec = { ports: [{ name: 'http', port: 80 }], ...(!answer && { selector: { app: 'web' } }) }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec }
  await applyObjects(kubeconfig, [service])
  if (answer) await standForPod(place, port)
  const wanted = (status: number | undefined) => status !== undefined && (status === 503) === !answer
  await settled(place, wanted)
}

/** Without a node nothing runs; the API server leads to addresses of pods alone, so that one says it has ours. */
async function standForPod({ name: namespace, kubeconfig }: TestNamespace, port: number) {
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  const name = 'web'
  const spec = { automountServiceAccountToken: false, containers: [{ name, image: 'board.local/web' }] }
  // The account that every pod has comes a moment after its namespace.
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
  const make = () =>
    applyObjects(kubeconfig, [pod]).then(
      () => true,
      () => false,
    )
  await until('a pod to be let in', 20, make)
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] }
  await api.patchNamespacedPodStatus(
    { name, namespace, body: { status } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  )
  const targetRef = { kind: 'Pod', name, namespace }
  const subsets = [{ addresses: [{ ip: address, targetRef }], ports: [{ name: 'http', port }] }]
  const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace }, subsets }
  await applyObjects(kubeconfig, [endpoints])
}

/** The API server learns of Services and what is behind them by watching, as everybody else does. */
async function settled({ reader }: TestNamespace, wanted: (status: number | undefined) => boolean) {
  const signal = AbortSignal.timeout(20_000)
  await until('the API server to hear of it', 20, async () => {
    const answer = await reader.viaService({ service: 'web', port: 80, path: '/settled' }, 1000, signal)
    return wanted(answer?.status)
  })
}

async function ask(place: TestNamespace, spec: Record<string, unknown>) {
  const context = { ...contextOf(null), board: { cluster: clusterWith(place.reader) } }
  const { facts, evidence } = await check.look(check.spec.parse({ service: 'web', ...spec }), context)
  check.facts.parse(facts)
  return { facts, evidence }
}

describe('a Service of the player is asked through the API server', { skip: lacksBoard() }, () => {
  it('by its port’s name or number, and tells what it answered', async (t) => {
    const place = await openNamespace(t)
    await serve(t, place, (request, response) =>
      response.writeHead(418, { 'x-village': 'Lhasa' }).end(JSON.stringify({ url: request.url })),
    )
    for (const port of ['http', 80]) {
      const { facts, evidence } = await ask(place, { port, path: '/a/../health?deep=1' })
      assert.deepEqual([facts.reached, facts.status, facts.headers['x-village']], [true, 418, 'Lhasa'])
      assert.deepEqual(facts.json, { url: '/health?deep=1' })
      assert.deepEqual([facts.url, facts.tls], [`http://web:${port}/health?deep=1`, null])
      assert.deepEqual(
        evidence.map(({ where }) => where),
        [facts.url],
      )
    }
  })

  it('and nothing else of the API server, however many dots the path has', async (t) => {
    const place = await openNamespace(t)
    await serve(t, place, (request, response) => response.end(request.url))
    for (const dots of ['..', '%2e%2e', '.%2E'])
      assert.equal((await ask(place, { port: 80, path: `/${`${dots}/`.repeat(3)}x` })).facts.text, '/x')
  })

  it('follows no redirect, and tells its address as the program gave it', async (t) => {
    const place = await openNamespace(t)
    await serve(t, place, (_, response) => response.writeHead(302, { location: '/next' }).end())
    const { facts } = await ask(place, { port: 80 })
    assert.deepEqual([facts.status, facts.headers['location'], facts.redirects], [302, '/next', []])
  })

  it('and is cut where it does not end', async (t) => {
    const place = await openNamespace(t)
    await serve(t, place, (_, response) => response.end('x'.repeat(100_000)))
    const { facts } = await ask(place, { port: 80 })
    assert.deepEqual([facts.text.length, facts.complete], [64 * 1024, false])
  })

  it('and is told when there is none', async (t) => {
    const place = await openNamespace(t)
    const none = await ask(place, { port: 80 })
    assert.deepEqual([none.facts.reached, none.facts.trouble, none.evidence], [false, 'service', []])
  })

  it('and answers 503 when nothing listens behind it, or it has no such port, in words for people', async (t) => {
    const place = await openNamespace(t)
    await serve(t, place)
    for (const port of [80, 'metrics']) {
      const { facts } = await ask(place, { port })
      assert.deepEqual([facts.reached, facts.status], [true, 503])
      assert.match(facts.text, /^no endpoints available for service "[a-z:0-9]+"$/)
    }
  })

  it('and blames nobody when the look is stopped', async (t) => {
    const place = await openNamespace(t)
    const end = new AbortController()
    await serve(t, place, (request, response) => {
      if (request.url === '/settled') response.end()
      else end.abort()
    })
    const context = {
      ...contextOf(null, { signal: end.signal }),
      board: { cluster: clusterWith(place.reader) },
    }
    await assert.rejects(check.look(check.spec.parse({ service: 'web', port: 80 }), context), Inconclusive)
  })
})
