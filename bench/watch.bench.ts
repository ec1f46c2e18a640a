import { randomBytes } from 'node:crypto'
import { connectTo } from '../src/board/cluster/connection.ts'
import { objectsOf } from '../src/board/cluster/objects.ts'
import { openBoard } from '../test/helpers/board.ts'
import { boardFor, installedCluster } from '../test/helpers/cluster.ts'
import { report } from './report.ts'

// What watching 1 000 namespaces costs in memory, while something moves in each of them, above the same process at rest.

const namespaces = 1000
const perNamespace = 3
const { kubeconfig } = await openBoard()
const file = boardFor(kubeconfig)
const [settings] = file.clusters
if (!settings) throw new Error('no cluster')
const cluster = await installedCluster(file)
const connection = await connectTo(settings, (path) => path)
const objects = objectsOf(connection)
const run = randomBytes(3).toString('hex')
const names = Array.from({ length: namespaces }, (_, index) => `hunt-w${run}${index}`)
const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' }
try {
  await each(names, (name) =>
    objects.apply({ ...namespaceKind, metadata: { name, labels: { 'shambhala.dev/hunt': 'bench' } } }),
  )
  await each(names, (name) => move(name, 0))
  const rest = await settled()
  const seen = new Set<string>()
  const watch = cluster.watch((namespace) => seen.add(namespace))
  await new Promise((resolve) => setTimeout(resolve, 3000))
  let peak = 0
  const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50)
  for (let turn = 1; turn <= perNamespace; turn += 1) await each(names, (name) => move(name, turn))
  await new Promise((resolve) => setTimeout(resolve, 3000))
  clearInterval(sample)
  watch.close()
  const missed = names.filter((name) => !seen.has(name)).length
  if (missed > 0) throw new Error(`${missed} namespaces moved unseen`)
  const more = (peak - rest) / 2 ** 20
  report({
    what: `watching ${namespaces} namespaces, ${namespaces * perNamespace} changes`,
    ours: `${(peak / 2 ** 20).toFixed(0)} MiB at most`,
    against: `${(rest / 2 ** 20).toFixed(0)} MiB at rest`,
    result: `+${more.toFixed(0)} MiB`,
    bound: '< 150 MiB',
    reached: more < 150,
  })
} finally {
  await each(names, (name) => objects.remove(namespaceKind, name))
  connection.close()
  cluster.close()
}

/** A Deployment without replicas: as large as a player's, and nobody has to run it. */
async function move(namespace: string, turn: number): Promise<unknown> {
  const labels = { app: 'bell' }
  const container = { name: 'bell', image: 'board.local/web:1', env: [{ name: 'TURN', value: String(turn) }] }
  return await objects.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bell', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
}

async function settled(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return process.memoryUsage().rss
}

async function each(items: readonly string[], work: (item: string) => Promise<unknown>): Promise<void> {
  const left = [...items]
  const lane = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}
