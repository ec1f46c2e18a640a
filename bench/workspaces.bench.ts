import { request } from 'node:https'
import { randomBytes } from 'node:crypto'
import { connectTo } from '../src/board/cluster/connection.ts'
import { manifestsFor } from '../src/board/cluster/manifests.ts'
import { createSurroundings } from '../src/board/cluster/surroundings.ts'
import type { KubeObject, NamespaceSpec } from '../src/board/cluster/types.ts'
import { openBoard } from '../test/helpers/board.ts'
import { boardFor, installedCluster, testBudget } from '../test/helpers/cluster.ts'
import { bareAgent } from './bare.ts'
import { milliseconds, report, spread } from './report.ts'
import { until } from '../test/helpers/until.ts'

// 100 workspaces through the master's own door, against the same objects applied by bare requests, four at a time each.

const rounds = 10
const perRound = 10
const atOnce = 4

const { kubeconfig, server } = await openBoard()
const file = boardFor(kubeconfig)
const [settings] = file.clusters
if (!settings) throw new Error('no cluster')
const cluster = await installedCluster(file)
const connection = await connectTo(settings, (path) => path)
const around = await createSurroundings(connection, { settings, file })()
const agent = bareAgent(kubeconfig)
const made: string[] = []
const owner = { hunt: 'bench', server: 'bench' }

const spec = (): NamespaceSpec => {
  const slug = `b${randomBytes(5).toString('hex')}`
  made.push(`hunt-${slug}`)
  return {
    name: `hunt-${slug}`,
    slug,
    ...owner,
    environment: '',
    budget: testBudget,
  }
}

const ours: number[] = []
const bare: number[] = []
try {
  for (let round = 0; round <= rounds; round += 1) {
    const [one, other] = [
      await timed(() => cluster.ensure(spec())),
      await timed(() => applyBare(manifestsFor(spec(), around))),
    ]
    // The first round warms both.
    if (round === 0) continue
    ours.push(...one)
    bare.push(...other)
  }
} finally {
  for (const namespace of made) await cluster.remove(namespace, owner)
  cluster.close()
  connection.close()
  agent.destroy()
}
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
const ratio = sum(ours) / sum(bare)
report({
  what: `${rounds * perRound} workspaces, ${atOnce} at once`,
  ours: `${milliseconds(spread(ours).median)} each`,
  against: `${milliseconds(spread(bare).median)} by bare API calls`,
  result: `${ratio.toFixed(2)}×`,
  bound: '≤ 1.3×',
  reached: ratio <= 1.3,
})

async function timed(work: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  let left = perRound
  const lane = async () => {
    while (left > 0) {
      left -= 1
      const began = performance.now()
      await work()
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return times
}

async function applyBare(objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const { name, namespace } = object.metadata
    const base = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
    const plural = object.kind.endsWith('y') ? `${object.kind.slice(0, -1)}ies` : `${object.kind}s`
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`
    await patch(`${base}${scope}/${plural.toLowerCase()}/${name}`, object)
  }
}

async function patch(path: string, object: KubeObject): Promise<void> {
  const body = JSON.stringify(object)
  const headers = {
    'Content-Type': 'application/apply-patch+yaml',
    'Content-Length': Buffer.byteLength(body),
  }
  const send = () =>
    new Promise<number>((resolve, reject) => {
      const sent = request(
        `${server}${path}?fieldManager=bench&force=true`,
        { method: 'PATCH', agent, headers },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0))
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  // In a namespace made an instant ago, the same patience as the master's.
  const isDone = (status: number) => {
    if (status >= 300 && ![403, 404, 409].includes(status)) throw new Error(`${path}: ${status}`)
    return status < 300
  }
  await until(path, 60, send, isDone, 100)
}
