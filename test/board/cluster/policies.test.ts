import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '../../../src/board/cluster/types.ts'
import { lacksBoard } from '../../helpers/board.ts'
import { answerTo, openPlayer, type BoardPlayer } from '../../helpers/board/player.ts'
import { applyRouteKind } from '../../helpers/board/route-kind.ts'
import {
  claim,
  cronJob,
  deployment,
  ingress,
  job,
  object,
  pod,
  route,
  service,
  type Made,
} from '../../helpers/board/written.ts'

let one: BoardPlayer
let close: () => Promise<void>

/** The namespace comes from the player; `tara` in host names and images stands for the player's slug. */
function mine(made: Made): KubeObject {
  const text = JSON.stringify(made).replaceAll('tara', one.slug)
  const written = JSON.parse(text) as Made
  return { ...written, metadata: { ...written.metadata, namespace: one.namespace } }
}

async function refuses(made: Made, message: RegExp): Promise<void> {
  assert.match(await answerTo(one.playerObjects, mine(made), (answer) => message.test(answer)), message)
}

async function takes(...all: Made[]): Promise<void> {
  for (const made of all)
    assert.equal(await answerTo(one.playerObjects, mine(made), (answer) => answer === ''), '')
}

describe('admission policies of a player’s namespace', { skip: lacksBoard() }, () => {
  before(async () => {
    ;({ player: one, close } = await openPlayer())
  })
  after(() => close())

  test('let ClusterIP services in, headless ones too', () =>
    takes(service({}), service({ clusterIP: 'None' })))
  test('refuse services of other types, and say what to use instead', async () => {
    await refuses(service({ type: 'NodePort' }), /must be ClusterIP, not NodePort.*use an Ingress/)
    await refuses(service({ type: 'LoadBalancer' }), /must be ClusterIP, not LoadBalancer/)
    await refuses(service({ type: 'ExternalName', externalName: 'example.com' }), /not ExternalName/)
  })
  test('refuse services that take traffic meant for others, or a DNS record', async () => {
    await refuses(service({ externalIPs: ['192.0.2.1'] }), /externalIPs would take traffic/)
    const annotations = { 'external-dns.alpha.kubernetes.io/hostname': 'www.example.org' }
    await refuses(service({ clusterIP: 'None' }, { annotations }), /DNS records are not for players/)
  })

  test('let ingresses in for the own host name and those below it', () =>
    takes(
      ingress('tara.play.example.org'),
      ingress('web.tara.play.example.org'),
      ingress('*.tara.play.example.org'),
      ingress('tara.play.example.org', { tls: [{ hosts: ['tara.play.example.org'], secretName: 'tls' }] }),
      ingress('tara.play.example.org', {}, { 'example.org/timeout': '5', 'meta.helm.sh/release-name': 'r' }),
    ))
  for (const host of [
    'other.play.example.org',
    'eviltara.play.example.org',
    'evil-tara.play.example.org',
    'tara.play.example.org.evil.com',
    'play.example.org',
    '*.play.example.org',
    'example.com',
  ])
    test(`refuse an ingress for ${host}`, () =>
      refuses(ingress(host), /is not yours; use p.*\.play\.example\.org/))
  test('refuse a foreign host in TLS, and TLS for every host', async () => {
    await refuses(
      ingress('tara.play.example.org', { tls: [{ hosts: ['bank.example.com'], secretName: 'tls' }] }),
      /host bank\.example\.com is not yours/,
    )
    await refuses(
      ingress('tara.play.example.org', { tls: [{ secretName: 'tls' }] }),
      /each entry must name its hosts/,
    )
  })
  test('refuse ingresses that answer for every host', async () => {
    await refuses(ingress(undefined), /\(empty, which means every host\) is not yours/)
    const defaultBackend = { service: { name: 'web', port: { number: 80 } } }
    await refuses(ingress('tara.play.example.org', { defaultBackend }), /answers for every host/)
    await refuses(ingress('tara.play.example.org', { defaultBackend, rules: [] }), /at least one rule/)
  })
  test('refuse another ingress class, and none', async () => {
    await refuses(ingress('tara.play.example.org', { ingressClassName: 'internal' }), /must be hunt/)
    await refuses(ingress('tara.play.example.org', { ingressClassName: undefined }), /must be hunt/)
  })
  test('refuse annotations that configure the ingress controller, unless they are allowed', async () => {
    const annotations = { 'nginx.ingress.kubernetes.io/configuration-snippet': 'x' }
    await refuses(
      ingress('tara.play.example.org', {}, annotations),
      /configuration-snippet may not be set by players; allowed are: example\.org\/timeout/,
    )
    await refuses(
      ingress('tara.play.example.org', {}, { 'example.org/timeout-evil': '1' }),
      /timeout-evil may not/,
    )
  })

  const digest = `sha256:${'0'.repeat(64)}`
  test('let images in from the own path, from hunt/, and from what is allowed', async () => {
    const own = 'registry.example.org:5000/tara'
    const allowed = [`${own}/web`, `${own}/deep/web:1.0`, `${own}/web@${digest}`, `${own}/web:1@${digest}`]
    const others = ['registry.example.org:5000/hunt/base:1', 'board.local/web:1', 'busybox', 'busybox:1.36']
    const same = ['docker.io/busybox', 'docker.io/library/busybox:1', 'index.docker.io/library/busybox']
    for (const image of [...allowed, ...others, ...same]) await takes(pod(image))
  })
  for (const image of [
    'nginx',
    'registry.example.org:5000/tara-evil/web',
    'registry.example.org:5000/taraevil',
    'registry.example.org:5000/tara/../other/web',
    'registry.example.org:5000/other/web:1',
    'registry.example.org/tara/web',
    'registry.example.org:50001/tara/web',
    'registry.example.org.evil.com:5000/tara/web',
    'evil.com/registry.example.org:5000/tara/web',
    'board.local:5000/web',
    'board.local.evil.com/web',
    'busybox.evil.com/web',
    'evil/busybox',
    'tara/web',
    'Evil/busybox',
    `nginx@${digest}`,
    `evil.com/x:1@${digest}`,
    'https://registry.example.org:5000/tara/web',
  ])
    test(`refuse the image ${image}`, () =>
      refuses(pod(image), /may not run here; allowed are: .*board\.local/))
  test('refuse a foreign image wherever it stands', async () => {
    const message = /image docker\.io\/library\/nginx may not run here/
    const second = (field: string) => pod('busybox', { [field]: [{ name: 'second', image: 'nginx' }] })
    await refuses(second('initContainers'), message)
    await refuses(pod('busybox', { volumes: [{ name: 'v', image: { reference: 'nginx' } }] }), message)
    for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])
      await refuses(deployment('nginx', kind), message)
    await refuses(job('nginx'), message)
    await refuses(cronJob('nginx'), message)
  })
  test('refuse a foreign image in an ephemeral container', async () => {
    const running = mine(pod('busybox'))
    await one.objects.apply({ ...running, metadata: { ...running.metadata, name: 'running' } })
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    const ephemeralContainers = [{ name: 'debug', image: 'nginx', securityContext }]
    const path = `/api/v1/namespaces/${one.namespace}/pods/running/ephemeralcontainers`
    const call = { method: 'PATCH', contentType: 'application/strategic-merge-patch+json' } as const
    const { status, body } = await one.admin.send(path, { ...call, body: { spec: { ephemeralContainers } } })
    assert.equal(status, 403)
    assert.match(body.toString(), /image docker\.io\/library\/nginx may not run here/)
  })
  test('let what runs go on when its image is allowed no more', async () => {
    const { player, close } = await openPlayer()
    try {
      const { namespace, playerObjects } = player
      const written = { ...deployment('busybox'), metadata: { name: 'web', namespace } }
      await playerObjects.apply(written)
      const body = { metadata: { annotations: { 'shambhala.dev/images': 'example.org/new' } } }
      const call = { method: 'PATCH', contentType: 'application/merge-patch+json', body } as const
      await player.admin.json(`/api/v1/namespaces/${namespace}`, call)
      const other = { ...deployment('busybox:2'), metadata: written.metadata }
      assert.match(
        await answerTo(playerObjects, other, (answer) => answer !== ''),
        /busybox:2 may not run here/,
      )
      const labelled = { ...written, metadata: { ...written.metadata, labels: { app: 'still' } } }
      assert.equal(await answerTo(playerObjects, labelled, (answer) => answer === ''), '')
    } finally {
      await close()
    }
  })
  test('refuse by an update what they refuse at first', async () => {
    for (const made of [service({}), ingress('tara.play.example.org'), deployment('busybox')])
      await one.playerObjects.apply(mine(made))
    await refuses(service({ type: 'NodePort' }), /must be ClusterIP/)
    await refuses(ingress('other.play.example.org'), /is not yours/)
    await refuses(
      ingress('tara.play.example.org', {}, { 'example.org/other': '1' }),
      /may not be set by players/,
    )
    await refuses(deployment('nginx'), /may not run here/)
    for (const made of [service({}), ingress('tara.play.example.org'), deployment('busybox')])
      await one.playerObjects.remove(made, 'web', one.namespace)
  })
  test('let every controller in with an allowed image', async () => {
    for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])
      await takes(deployment('busybox', kind))
    await takes(job('busybox'), cronJob('busybox'))
  })

  test('leave nodes, priorities and the control plane’s nodes to the organizers', async () => {
    await refuses(pod('busybox', { nodeName: 'control-plane' }), /the scheduler chooses the node/)
    await refuses(
      pod('busybox', { priorityClassName: 'system-node-critical' }),
      /system classes are not for players/,
    )
    await refuses(pod('busybox', { tolerations: [{ operator: 'Exists' }] }), /tolerations: name a key/)
    const tolerations = [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }]
    await refuses(pod('busybox', { tolerations }), /none of node-role\.kubernetes\.io/)
    await takes(pod('busybox', { tolerations: [{ key: 'example.org/slow', operator: 'Exists' }] }))
  })

  test('meet claims with new volumes of the hunt’s class only', async () => {
    await takes(claim({ storageClassName: 'fast' }))
    await refuses(claim({ storageClassName: 'fast', volumeName: 'left-behind' }), /new volumes only/)
    await refuses(claim({ storageClassName: 'other' }), /storageClassName: must be fast/)
    await refuses(claim({ storageClassName: '' }), /storageClassName: must be fast/)
  })

  test('refuse tokens that would outlive revocation, not other secrets', async () => {
    const annotations = { 'kubernetes.io/service-account.name': 'player' }
    const secret = (type: string) => object('v1', 'Secret', { type }, { annotations })
    await refuses(secret('kubernetes.io/service-account-token'), /lasting tokens are not for players/)
    await takes(secret('Opaque'), secret('helm.sh/release.v1'))
  })

  test('keep the master’s labels and annotations the master’s', async () => {
    const message = /start with shambhala\.dev\/ are the game master’s/
    const map = (metadata: object) => object('v1', 'ConfigMap', {}, metadata)
    await refuses(map({ labels: { 'shambhala.dev/keeper': 'master' } }), message)
    await refuses(map({ annotations: { 'shambhala.dev/x': 'y' } }), message)
    await takes(map({ labels: { app: 'x', 'not-shambhala.dev/x': 'y' } }))
    const labelled = deployment('busybox', 'Deployment', { 'shambhala.dev/x': 'y' })
    await refuses(labelled, message)
  })

  describe('on routes of Gateway API', () => {
    before(() => applyRouteKind(one))
    test('let routes in for the own host on the hunt’s gateway', () =>
      takes(route(['web.tara.play.example.org'], [{ name: 'hunt', namespace: 'gateways' }])))
    test('refuse routes for other hosts, for every host, and on other parents', async () => {
      const ours = [{ name: 'hunt', namespace: 'gateways' }]
      const own = ['tara.play.example.org']
      await refuses(route(['other.play.example.org'], ours), /other\.play\.example\.org is not yours/)
      await refuses(route(['tara.play.example.org.evil.com'], ours), /is not yours/)
      await refuses(route(undefined, ours), /without any, a route answers for every host/)
      await refuses(route(own, [{ name: 'hunt' }]), /must name the Gateway gateways\/hunt/)
      await refuses(route(own, [{ name: 'internal', namespace: 'gateways' }]), /must name the Gateway/)
      await refuses(
        route(own, [...ours, { name: 'web', kind: 'Service', group: '' }]),
        /must name the Gateway/,
      )
      await refuses(route(own, undefined), /must name the Gateway/)
    })
  })
})
