import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { get as httpsGet, type Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CheckContext, CheckKind } from '../src/checks/check.ts'
import { check as helm } from '../src/checks/helm.ts'
import { check as kubernetes } from '../src/checks/kubernetes.ts'
import { silentLog } from '../src/lib/log.ts'
import { openBoard } from '../test/helpers/board.ts'
import { tool } from '../test/helpers/board/tools.ts'
import { boardFor, installedCluster, testBudget, uniqueName } from '../test/helpers/cluster.ts'
import { bareAgent } from './bare.ts'
import { milliseconds, report, spread } from './report.ts'

// One look of each check against the requests that it makes, sent with nothing around them: as many at once, answers parsed.

const rounds = 150
const run = promisify(execFile)
const { kubeconfig, server } = await openBoard()
const cluster = await installedCluster(boardFor(kubeconfig))
const agent = bareAgent(kubeconfig)
const slug = uniqueName()
const owner = { hunt: 'bench', server: 'bench' }
const namespace = `hunt-${slug}`
const folder = await mkdtemp(join(tmpdir(), 'shambhala-bench-'))
try {
  await cluster.ensure({ name: namespace, slug, ...owner, environment: '', budget: testBudget })
  await installRelease()
  await compare('helm check', helm, { release: 'bell' })
  await compare('kubernetes check', kubernetes, { apiVersion: 'v1', kind: 'ConfigMap', selector: 'app=bell' })
} finally {
  await cluster.remove(namespace, owner)
  cluster.close()
  agent.destroy()
  await rm(folder, { recursive: true, force: true })
}

async function installRelease(): Promise<void> {
  const map = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { app: bell } }\ndata: { a: "b" }\n`
  await run('mkdir', ['-p', join(folder, 'bell', 'templates')])
  await writeFile(join(folder, 'bell', 'Chart.yaml'), 'apiVersion: v2\nname: bell\nversion: 1.0.0\n')
  await writeFile(join(folder, 'bell', 'templates', 'maps.yaml'), [map('one'), map('two')].join('---\n'))
  const on = ['--kubeconfig', kubeconfig, '-n', namespace]
  await run(tool('helm3'), ['install', 'bell', join(folder, 'bell'), ...on])
  await run(tool('helm3'), ['upgrade', 'bell', join(folder, 'bell'), ...on])
}

async function compare<Spec, Facts>(
  what: string,
  kind: CheckKind<Spec, Facts>,
  given: object,
): Promise<void> {
  const spec = kind.spec.parse(given)
  const look = () => kind.look(spec, context())
  await look()
  const waves = await requestsOf(look)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await timed(look))
    bare.push(await timed(() => replay(waves)))
  }
  const ratio = spread(ours).p95 / spread(bare).p95
  report({
    what: `${what}, p95 of ${rounds}`,
    ours: milliseconds(spread(ours).p95),
    against: `${milliseconds(spread(bare).p95)} for its ${waves.flat().length} bare requests`,
    result: `${ratio.toFixed(2)}×`,
    bound: '≤ 1.5×',
    reached: ratio <= 1.5,
  })
}

function context(): CheckContext {
  return {
    player: { slug, name: slug },
    board: { cluster: { namespace: () => Promise.resolve(cluster.reader(namespace, slug)) } },
    repository: null,
    snapshot: () => Promise.reject(new Error('no repository')),
    answer: undefined,
    params: {},
    signal: AbortSignal.timeout(30_000),
    log: silentLog,
    memo: (_, make) => make(),
  }
}

/** The paths that a look asks for, in waves: those of one wave are asked for at the same time. */
async function requestsOf(look: () => Promise<unknown>): Promise<string[][]> {
  const waves: string[][] = []
  let open = 0
  const began = (message: unknown) => {
    const { request } = message as { request: ClientRequest }
    if (open === 0) waves.push([])
    open += 1
    waves.at(-1)?.push(request.path)
    request.once('close', () => (open -= 1))
  }
  subscribe('http.client.request.start', began)
  await look()
  unsubscribe('http.client.request.start', began)
  return waves
}

async function replay(waves: readonly string[][]): Promise<void> {
  for (const wave of waves) await Promise.all(wave.map((path) => bareGet(agent, path)))
}

async function bareGet(through: Agent, path: string): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    httpsGet(`${server}${path}`, { agent: through }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
    }).on('error', reject)
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
