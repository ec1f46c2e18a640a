import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../../src/board/cluster/types.ts'
import { diagnose } from '../../../src/checks/kubernetes/diagnose.ts'
import { refusalProblem } from '../../../src/checks/kubernetes/diagnose/refusal.ts'
import { condense } from '../../../src/checks/kubernetes/events.ts'
import { emptyNamespace, type NamespaceContents } from '../../../src/checks/kubernetes/namespace-contents.ts'
import type { ContainerStatus, KubeEvent, Pod } from '../../../src/checks/kubernetes/shapes.ts'
import { readinessOf } from '../../../src/checks/kubernetes/ready.ts'
import { lastLines } from '../../../src/checks/kubernetes/words.ts'

const image = 'registry.example.org/tara/web:1'
const status: ContainerStatus = { name: 'web', image, imageID: '', ready: false, restartCount: 0 }

/** What registries answer cannot be had from a node without a registry: these are containerd's words. */
function podWith(over: Partial<ContainerStatus>, more: Partial<NonNullable<Pod['status']>> = {}): Pod {
  const containerStatuses = [{ ...status, ...over }]
  const metadata = { name: 'web-1', uid: 'u1' }
  const spec = { containers: [{ name: 'web', image }] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec,
    status: { phase: 'Pending', containerStatuses, ...more },
  }
}

const contentsOf = (...pods: Pod[]): NamespaceContents => ({ ...emptyNamespace, pods })
const pulling = (said: string, reason = 'ErrImagePull') => {
  const [one] = diagnose(contentsOf(podWith({ state: { waiting: { reason, message: said } } })))
  assert.ok(one)
  return one
}
const prefix = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": `

describe('why an image is not pulled', () => {
  test('the registry has none of that name', () => {
    const one = pulling(`rpc error: code = NotFound desc = ${prefix}${image}: not found`)
    assert.equal(one.code, 'image-not-found')
    assert.match(one.text.fr, /n’existe pas/)
  })

  test('the registry refuses', () => {
    for (const said of [
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      'failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://registry.example.org/token: 401 Unauthorized',
      'unexpected status from HEAD request to https://registry.example.org/v2/tara/web/manifests/1: 403 Forbidden',
    ])
      assert.equal(pulling(prefix + said).code, 'registry-refuses', said)
  })

  test('the registry has the image, but not the tag', () => {
    assert.equal(pulling(`${prefix}manifest unknown: manifest unknown`).code, 'wrong-tag')
  })

  test('a registry that does not answer is ours, one that does not exist is not', () => {
    const down = pulling(
      `${prefix}failed to do request: Head "https://registry.example.org/v2/": dial tcp 192.0.2.1:443: connect: connection refused`,
    )
    assert.deepEqual([down.code, down.ours], ['registry-unreachable', true])
    const nowhere = pulling(
      `${prefix}failed to do request: Head "https://x/v2/": dial tcp: lookup x on 10.96.0.10:53: no such host`,
    )
    assert.deepEqual([nowhere.code, nowhere.ours], ['registry-unreachable', false])
  })

  test('while it backs off, the cause is in the events', () => {
    const pod = podWith({
      state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } },
    })
    const involvedObject = { kind: 'Pod', name: 'web-1', uid: 'u1' }
    const message = `Failed to pull image "${image}": ${prefix}unexpected status: 403 Forbidden`
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject,
      reason: 'Failed',
      message,
    }
    const [one] = diagnose({ ...contentsOf(pod), events: [event] })
    assert.equal(one?.code, 'registry-refuses')
  })

  test('it is there, but for another processor alone', () => {
    for (const said of [
      `${prefix}no match for platform in manifest: not found`,
      'no matching manifest for linux/amd64 in the manifest list entries',
      'choosing image instance: no image found in image index for architecture amd64, variant "", OS linux',
    ]) {
      const one = pulling(said)
      assert.equal(one.code, 'wrong-platform', said)
      assert.match(one.text.en, /is there, but not for the processor .*docker build --platform linux\/amd64/)
    }
  })

  test('a full disk is ours, a chart in its place is not', () => {
    const full = pulling('failed to extract layer: write /var/lib/x: no space left on device')
    assert.deepEqual([full.code, full.ours], ['image-not-pulled', true])
    const chart = pulling('unsupported media type application/vnd.cncf.helm.config.v1+json')
    assert.deepEqual([chart.code, chart.ours], ['image-not-pulled', false])
  })

  test('the name is none', () => {
    assert.equal(
      pulling('couldn’t parse image name: invalid reference format', 'InvalidImageName').code,
      'image-name-invalid',
    )
  })
})

describe('why a program cannot be started', () => {
  test('it is made for another processor, whoever says so', () => {
    const starting = {
      state: {
        terminated: {
          exitCode: 128,
          reason: 'StartError',
          message: 'exec: "/web": exec format error: unknown',
        },
      },
    }
    const logs = new Map([['web-1/web', 'exec /web: exec format error']])
    const crashed = podWith({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 255, reason: 'Error' } },
    })
    const owned = { apiVersion: 'v1', kind: 'Node', name: 'north', uid: 'n', controller: true }
    const mirrored = { ...crashed, metadata: { ...crashed.metadata, ownerReferences: [owned] } }
    for (const contents of [contentsOf(podWith(starting)), { ...contentsOf(mirrored), logs }]) {
      const [one] = diagnose(contents)
      assert.deepEqual([one?.code, one?.object, one?.heals], ['wrong-platform', 'Pod/web-1', false])
      assert.match(one?.text.en ?? '', /not made for the processor of the node \(exec format error\)/)
    }
  })
})

describe('what a Gateway has not taken', () => {
  // Gateway API's own definitions come as no package, so that no test board has its kinds whole.
  const route = (status?: object, age = 60): KubeObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', creationTimestamp: new Date(Date.now() - age * 1000).toISOString() },
    spec: { parentRefs: [{ name: 'front' }] },
    ...(status && { status }),
  })
  const seen = (one: KubeObject) => [
    readinessOf(one, []),
    ...diagnose({ ...emptyNamespace, others: [one], now: Date.now() }).map(({ code }) => code),
  ]
  const parents = (...conditions: object[]) => ({ parents: [{ conditions }] })

  test('waits a moment, then says which Gateway it names', () => {
    assert.deepEqual(seen(route(undefined, 1)), ['going'])
    assert.deepEqual(seen(route()), ['going', 'route-unaccepted'])
    assert.deepEqual(seen(route({ parents: [] })), ['going', 'route-unaccepted'])
    const [one] = diagnose({ ...emptyNamespace, others: [route()], now: Date.now() })
    assert.match(one?.text.en ?? '', /parentRefs name front.*kubectl describe httproute web/)
  })

  test('is told at once with the Gateway’s words where it refuses', () => {
    const no = { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: 'no listener' }
    assert.deepEqual(seen(route(parents(no), 1)), ['going', 'route-unaccepted'])
    const yes = { type: 'Accepted', status: 'True' }
    const lost = { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', message: 'no web' }
    assert.deepEqual(seen(route(parents(yes, lost), 1)), ['going', 'route-unaccepted'])
    assert.deepEqual(seen(route(parents(yes))), ['ready'])
  })
})

describe('what is told of several pods', () => {
  test('one reason of one Deployment is told once, and what mends by itself only last', () => {
    const owner = (name: string, uid: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid })
    const ended = { terminated: { exitCode: 1, reason: 'Error' } }
    const crashed = (name: string, restartCount: number): Pod => ({
      ...podWith({ restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended }),
      metadata: { name, uid: name, ownerReferences: [owner('web', 'rs')] },
    })
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', uid: 'rs' },
      spec: { replicas: 2 },
    }
    const problems = diagnose({ ...contentsOf(crashed('a', 1), crashed('b', 5)), workloads: [set] })
    assert.deepEqual(
      problems.map(({ code, object, heals }) => [code, object, heals]),
      [['crash-loop', 'ReplicaSet/web', false]],
    )
  })

  test('owners that own each other do not hold it up', () => {
    const owns = (uid: string) => [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid }]
    const set = (uid: string, other: string) => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: uid, uid, ownerReferences: owns(other) },
      spec: { replicas: 1 },
    })
    const pod = podWith({ state: { terminated: { exitCode: 2 } } })
    const ring = { ...pod, metadata: { ...pod.metadata, ownerReferences: owns('a') } }
    const problems = diagnose({ ...contentsOf(ring), workloads: [set('a', 'b'), set('b', 'a')] })
    assert.equal(problems[0]?.code, 'exited')
  })

  test('pods that are ready or leaving are none of it', () => {
    const ready = podWith(
      { ready: true, restartCount: 0 },
      { conditions: [{ type: 'Ready', status: 'True' }] },
    )
    const crash = podWith({ restartCount: 9, state: { terminated: { exitCode: 1 } } })
    const leaving = { ...crash, metadata: { ...crash.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    assert.deepEqual(diagnose(contentsOf(ready, leaving)), [])
  })

  test('no more than twenty', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...podWith({ restartCount: 9, state: { terminated: { exitCode: 1 } } }),
      metadata: { name: `web-${index}`, uid: `u${index}` },
    }))
    assert.equal(diagnose(contentsOf(...many)).length, 20)
  })
})

describe('what the cluster refuses', () => {
  const refused = (message: string, leaving = false) => refusalProblem('Deployment/web', message, { leaving })

  test('a quota that ending pods will free mends by itself', () => {
    const message =
      'pods "web-x" is forbidden: exceeded quota: budget, requested: pods=1,requests.cpu=500m, used: pods=3,requests.cpu=800m, limited: pods=3,requests.cpu=1'
    assert.equal(refused(message).heals, false)
    const one = refused(message, true)
    assert.equal(one.heals, true)
    assert.match(
      one.text.en,
      /pods: asks for 1 while 3 of 3 are in use, 1 too much; requests\.cpu: .* 300m too much/,
    )
  })

  test('what controllers have not yet done in a new namespace mends by itself', () => {
    const quota = 'pods "web-x" is forbidden: status unknown for quota: budget, resources: limits.memory'
    const account = (name: string) =>
      `pods "web-x" is forbidden: error looking up service account hunt-tara/${name}: serviceaccount "${name}" not found`
    const heals = [quota, account('default'), account('nobody')].map((message) => refused(message).heals)
    assert.deepEqual(heals, [true, true, false])
  })

  test('a request above the default limit, a ratio, a policy, and what nobody foresaw', () => {
    const above =
      'Pod "web-x" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 500m'
    assert.deepEqual([refused(above).code, refused(above).details['limit']], ['limit-range', '500m'])
    const ratio =
      'pods "web-x" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000'
    assert.deepEqual([refused(ratio).code, refused(ratio).details['bound']], ['limit-range', 'ratio'])
    const policy =
      "pods \"web-x\" is forbidden: ValidatingAdmissionPolicy 'images' with binding 'images' denied request: only images of your own path"
    assert.equal(refused(policy).details['message'], 'only images of your own path')
    assert.match(refused('pods "web-x" is forbidden: the moon is full').text.en, /: the moon is full$/)
  })
})

describe('what players write', () => {
  test('of a log only its last lines are told, without what moves a cursor', () => {
    const log = Array.from({ length: 500 }, (_, index) => `line ${index} ${'x'.repeat(900)}`).join('\n')
    assert.ok(lastLines(log).length <= 2000)
    assert.equal(lastLines('\u001b[2Jgone\u202e\n\n'), '\\u{1b}[2Jgone\\u{202e}')
    assert.equal(
      lastLines(Array.from({ length: 30 }, (_, index) => `${index}`).join('\n')).split('\n').length,
      10,
    )
  })

  test('texts stay short however long the message was', () => {
    const long = 'x'.repeat(100_000)
    const problems = [
      pulling(long),
      refusalProblem('Deployment/web', long, { leaving: false }),
      refusalProblem(
        'Deployment/web',
        `violates PodSecurity "restricted:latest": ${'a (b), '.repeat(10_000)}`,
        { leaving: false },
      ),
      ...diagnose(
        contentsOf(podWith({ state: { terminated: { exitCode: 1, reason: 'StartError', message: long } } })),
      ),
    ]
    for (const { text, details } of problems) assert.ok(JSON.stringify([text, details]).length < 12_000)
  })

  test('events of one kind are one, the newest first, fifty at most', () => {
    const event = (index: number, message: string): KubeEvent => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e${index}` },
      reason: 'FailedCreate',
      message,
      involvedObject: { kind: 'ReplicaSet', name: 'web' },
      lastTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
      count: 2,
    })
    const refusal = (index: number) => event(index, `Error creating: pods "web-${index}" is forbidden`)
    const [one, ...rest] = condense([refusal(1), refusal(2), refusal(3)])
    assert.deepEqual(
      [one?.count, one?.object, one?.at, rest],
      [6, 'ReplicaSet/web', '2026-01-01T00:00:03.000Z', []],
    )
    const many = Array.from({ length: 200 }, (_, index) => event(index, `number ${index}`))
    assert.equal(condense(many).length, 50)
    assert.equal(condense(many)[0]?.message, 'number 199')
  })
})
