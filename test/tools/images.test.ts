import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import { joinHunt } from '../../src/game/proof/player.ts'
import { runShell } from '../../src/game/proof/script.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { withLock } from '../helpers/board.ts'
import { loadLayout, readLayout, type Layout } from '../helpers/board/shipped.ts'
import { machine } from '../helpers/board/machine.ts'
import { connect } from '../helpers/board/objects.ts'
import { cleanNamespace, isReady, podThat, restrictedPod, type PlainPod } from '../helpers/board/pods.ts'
import { run } from '../helpers/board/run.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { lacksNode, openNode } from '../helpers/node.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { until } from '../helpers/until.ts'

const user = '65532'
/** Kept between runs for the base in it, which takes longer than all the rest. */
const folder = join(tmpdir(), `shambhala-images-${userInfo().username}`)
const server = join(folder, 'server')
const repository = 'board.local/shambhala'
const { version, devDependencies } = z
  .object({ version: z.string(), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')))

function lacksBuilder(): string | false {
  if (process.getuid?.() !== 0 && process.env['CI'] !== 'true')
    return 'building without a registry needs root: run "sudo make test"'
  return lacksTools('buildah', 'debootstrap')
}

let built: Promise<string> | undefined
/** What tools/images says; once for all tests. */
async function build(): Promise<string> {
  await mkdir(folder, { recursive: true })
  built ??= withLock(join(folder, 'lock'), () =>
    run(join(packageRoot(), 'tools', 'images'), [folder, 'server']),
  )
  return await built
}

void test(
  'the image of the server is small, runs as nobody, and holds the game and nothing else',
  {
    skip: lacksBuilder(),
  },
  async () => {
    assert.match(await build(), /^server +\d+ MB, packed \d+MB, in /m)
    const image = await readLayout(server)
    assert.ok(image.size < 250e6, `${image.size} bytes`)
    assert.equal(image.config.User, `${user}:${user}`)
    assert.deepEqual(Object.keys(image.config.Volumes ?? {}), ['/data'])
    const label = (name: string) => image.config.Labels[`org.opencontainers.image.${name}`]
    assert.deepEqual([label('title'), label('version'), label('licenses')], ['Shambhala', version, 'MIT'])
    assert.match(label('revision') ?? '', /^[0-9a-f]{40}$|^unknown$/)
    assertHolds(image)
  },
)

function assertHolds({ entries, config, history }: Layout): void {
  const paths = new Map(entries.map((entry) => [entry.path, entry]))
  for (const path of ['usr/bin/git', 'usr/lib/git-core/git-http-backend', 'app/dist/main.js'])
    assert.match(paths.get(path)?.mode ?? '', /^-/, path)
  assert.match(paths.get('tmp')?.mode ?? '', /^drwxrwxrwt/)

  const top = [...paths.keys()]
    .map((path) => /^app\/([^/]+)/.exec(path)?.[1])
    .filter((one) => one !== undefined)
  assert.deepEqual([...new Set(top)].sort(), [
    'LICENSE',
    'bin',
    'challenges',
    'dist',
    'node_modules',
    'package.json',
    'src',
    'views',
  ])
  const development = Object.keys(devDependencies).filter((name) => paths.has(`app/node_modules/${name}`))
  assert.deepEqual(development, [])
  const unwanted =
    /^app\/(src|dist)\/.*(?<!\.d)\.ts$|^(root|home)\/.|(^|\/)(\.env|\.npmrc|\.git|\.data|id_rsa|[^/]+\.(pem|key))$|authorities/
  assert.deepEqual(
    [...paths.keys()].filter((path) => unwanted.test(path)),
    [],
  )
  // Neither setuid nor setgid, and nothing but the data that the game could write to.
  assert.deepEqual(
    entries.filter(({ mode }) => /^-.*[sS]/.test(mode)),
    [],
  )
  assert.deepEqual(
    entries.filter(({ owner }) => owner !== '0/0').map(({ path }) => path),
    ['data'],
  )
  assert.doesNotMatch([...config.Env, ...history].join('\n'), /token|password|secret|authorities/i)
}

void test(
  'a pod that may write nowhere but to its data and /tmp serves the hunt, and a push is judged in it',
  {
    skip: lacksBuilder() || lacksNode(),
  },
  async (t) => {
    const { kubeconfig, namespace } = await placeForServer(t)
    const database = await testDatabase()
    const forward = await forwardTo(database.url)
    try {
      const wanted = serverPod(namespace, 'hunt', { DATABASE_URL: forward.url })
      const pod = await podThat(kubeconfig, await probed(wanted), isReady, 90)
      const origin = `http://${pod.status?.podIP ?? ''}:8080`
      assert.equal((await fetch(`${origin}/readyz`)).status, 200)
      const player = await joinHunt(origin)
      const script = join(packageRoot(), 'challenges', '01-torn-map', 'solution', 'solve.sh')
      const SHAMBHALA_REPOSITORY_URL = await player.repositoryUrl('torn-map')
      const pushed = await runShell([script], { SHAMBHALA_REPOSITORY_URL })
      assert.equal(pushed.code, 0, pushed.output)
      assert.match(pushed.output, /remote: .*success/)
    } finally {
      await deletePod(kubeconfig, { namespace, name: 'hunt' })
      forward.close()
      // Fails when the server, told to end, has left connections open.
      await database.close()
    }
  },
)

void test(
  'a pod without DATABASE_URL ends at once, and its log says what to set',
  {
    skip: lacksBuilder() || lacksNode(),
  },
  async (t) => {
    const { kubeconfig, namespace } = await placeForServer(t)
    const ended = ({ status }: V1Pod) => status?.phase === 'Failed'
    await podThat(kubeconfig, serverPod(namespace, 'alone', {}), ended)
    const api = connect(kubeconfig).makeApiClient(CoreV1Api)
    const log = await api.readNamespacedPodLog({ namespace, name: 'alone' })
    assert.match(log, /^No PostgreSQL .*set DATABASE_URL.*\n$/)
  },
)

/** A namespace of a node that has the image. */
async function placeForServer(t: TestContext): Promise<{ kubeconfig: string; namespace: string }> {
  await build()
  const { node, kubeconfig } = await openNode()
  await loadLayout(node, server, repository)
  return { kubeconfig, namespace: await cleanNamespace(t, kubeconfig) }
}

function serverPod(namespace: string, name: string, variables: Record<string, string>): PlainPod {
  const pod = restrictedPod(namespace, name)
  const env = Object.entries(variables).map(([key, value]) => ({ name: key, value }))
  const [main] = pod.spec['containers'] as [{ securityContext: object }]
  const container = {
    ...main,
    image: `${repository}:${version}`,
    env,
    securityContext: { ...main.securityContext, readOnlyRootFilesystem: true },
    readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
  Object.assign(pod.spec, {
    terminationGracePeriodSeconds: 30,
    securityContext: { ...(pod.spec['securityContext'] as object), fsGroup: Number(user) },
    containers: [container],
    volumes: ['data', 'tmp'].map((volume) => ({ name: volume, emptyDir: {} })),
  })
  return pod
}

/** Gives the pod the Dockerfile's HEALTHCHECK, which OCI images have no field for, as the probe that it must pass first. */
async function probed(pod: PlainPod): Promise<PlainPod> {
  const dockerfile = await readFile(join(packageRoot(), 'Dockerfile'), 'utf8')
  const command: unknown = JSON.parse(/^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '')
  const startupProbe = { exec: { command }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 40 }
  Object.assign((pod.spec['containers'] as [object])[0], { startupProbe })
  return pod
}

/** Waits until its server has ended. */
async function deletePod(kubeconfig: string, pod: { namespace: string; name: string }): Promise<void> {
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  await api.deleteNamespacedPod(pod).catch(() => undefined)
  const isGone = () =>
    api.readNamespacedPod(pod).then(
      () => false,
      () => true,
    )
  await until('the end of the server', 40, isGone)
}

/** The test database listens on loopback only; pods reach it at an address of the node. */
async function forwardTo(database: string): Promise<{ url: string; close: () => void }> {
  const url = new URL(database)
  const [host, port] = [url.hostname, Number(url.port)]
  const listener = createServer((near) => {
    const far = connectSocket(port, host)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    near.pipe(far).pipe(near)
  }).listen(0, machine.address)
  await once(listener, 'listening')
  url.hostname = machine.address
  url.port = String((listener.address() as AddressInfo).port)
  return { url: url.href, close: () => listener.close() }
}
