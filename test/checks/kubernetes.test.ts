import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ApiextensionsV1Api, type V1Pod } from '@kubernetes/client-node'
import type { KubernetesFacts } from '../../src/checks/kubernetes/spec.ts'
import { Inconclusive, TooLarge } from '../../src/lib/errors.ts'
import { lacksBoard } from '../helpers/board.ts'
import { applyObjects, connect, type PlainObject } from '../helpers/board/objects.ts'
import { container, digest, report, running } from '../helpers/board/report.ts'
import { deploymentOf, quotaOf, serviceOf, statefulSetOf } from '../helpers/board/workloads.ts'
import { checked, type Checked } from '../helpers/checked.ts'
import { openNamespace } from '../helpers/namespace.ts'
import { encodings, windowsTexts } from '../helpers/windows-text.ts'
import { until } from '../helpers/until.ts'

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const service = { apiVersion: 'v1', kind: 'Service', name: 'web' }

async function play(context: TestContext): Promise<Checked> {
  return checked(await openNamespace(context))
}

describe('a check of live objects', { skip: lacksBoard(), concurrency: 4 }, () => {
  test('reads a ConfigMap that was made of files from Windows, and a Secret likewise', async (context) => {
    const player = await play(context)
    const binary = Object.fromEntries(
      encodings.map((name) => [name, windowsTexts[name]('east é').toString('base64')]),
    )
    const data = { plain: '\ufeffeast é' }
    await player.apply({
      ...configMap,
      metadata: { name: 'map' },
      data,
      binaryData: { ...binary, raw: '/wA=' },
    })
    await player.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, data: binary })
    const texts = Object.fromEntries(encodings.map((name) => [name, 'east é']))
    const { objects } = await player.facts({ ...configMap, name: 'map' })
    assert.deepEqual(objects[0]?.data, { ...texts, raw: '/wA=', plain: 'east é' })
    const secret = await player.facts({ apiVersion: 'v1', kind: 'Secret', name: 'key' })
    assert.deepEqual(secret.objects[0]?.data, texts)
  })

  test('finds a ConfigMap by its name, gives its data, and says where it saw it', async (context) => {
    const player = await play(context)
    const metadata = { name: 'map', labels: { realm: 'north' } }
    await player.apply({ ...configMap, metadata, data: { gate: 'east' } })
    const look = await player.look({ ...configMap, name: 'map' })
    assert.ok(!('pending' in look))
    const { found, count, ready, objects, object, why } = look.facts
    assert.deepEqual({ found, count, ready, why }, { found: true, count: 1, ready: true, why: '' })
    assert.deepEqual(objects[0]?.data, { gate: 'east' })
    assert.deepEqual(objects[0].labels, { realm: 'north' })
    assert.doesNotMatch(JSON.stringify(object), /managedFields/)
    assert.equal(look.evidence[0]?.where, `main ${player.name} ConfigMap/map`)
    assert.match(look.evidence[0].revision, /^\d+$/)
  })

  test('says that there is nothing, without blaming or waiting', async (context) => {
    const player = await play(context)
    for (const spec of [deployment, { ...configMap, selector: 'realm=south' }]) {
      const look = await player.look(spec)
      assert.ok(!('pending' in look))
      const { found, count, ready, object, problems } = look.facts
      assert.deepEqual(
        { found, count, ready, object, problems },
        { found: false, count: 0, ready: false, object: null, problems: [] },
      )
      assert.deepEqual(look.evidence, [])
    }
  })

  test('counts what a selector matches, and no more', async (context) => {
    const player = await play(context)
    const maps = ['a', 'b', 'c'].map((name): PlainObject => ({
      ...configMap,
      metadata: { name, labels: { realm: name === 'c' ? 'south' : 'north' } },
    }))
    await player.apply(...maps)
    const { count, objects } = await player.facts({ ...configMap, selector: 'realm=north' })
    assert.equal(count, 2)
    assert.deepEqual(
      objects.map(({ name }) => name),
      ['a', 'b'],
    )
  })

  test('decodes a Secret’s texts and leaves its bytes as they are', async (context) => {
    const player = await play(context)
    const data = { word: Buffer.from('péage').toString('base64'), key: '/////w==' }
    await player.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'gate' }, data })
    const { objects } = await player.facts({ apiVersion: 'v1', kind: 'Secret', name: 'gate' })
    assert.deepEqual(objects[0]?.data, { word: 'péage', key: '/////w==' })
  })

  test('refuses to judge an object that is too long, and tells the player', async (context) => {
    const player = await play(context)
    await player.apply({ ...configMap, metadata: { name: 'log' }, data: { log: 'x'.repeat(600_000) } })
    await assert.rejects(player.look({ ...configMap, name: 'log' }), (error: unknown) => {
      return error instanceof TooLarge && /ConfigMap\/log/.test(error.message) && error.french !== undefined
    })
  })

  test('is ours when the cluster does not know the kind', async (context) => {
    const player = await play(context)
    const spec = { apiVersion: 'stable.example.org/v1', kind: 'Dragon' }
    await assert.rejects(player.look(spec), Inconclusive)
  })

  test('takes the condition Ready of a custom resource', async (context) => {
    const player = await play(context)
    const group = `${player.name}.example.org`
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }]
    const names = { kind: 'Gate', plural: 'gates', singular: 'gate' }
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `gates.${group}` },
    }
    const spec = { group, names, scope: 'Namespaced', versions }
    await applyObjects(player.kubeconfig, [{ ...definition, spec }])
    const api = connect(player.kubeconfig).makeApiClient(ApiextensionsV1Api)
    context.after(() =>
      api.deleteCustomResourceDefinition({ name: definition.metadata.name }).then(() => undefined),
    )
    const gate = { apiVersion: `${group}/v1`, kind: 'Gate' }
    const conditions = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
    const made = { ...gate, metadata: { name: 'east' } }
    await until('the new kind', 20, () =>
      player.apply({ ...made, ...conditions('False') }).then(
        () => true,
        () => false,
      ),
    )
    const look = await player.look({ ...gate, name: 'east' })
    assert.ok('pending' in look)
    assert.equal(look.facts.ready, false)
    await player.apply({ ...made, ...conditions('True') })
    assert.equal((await player.facts({ ...gate, name: 'east' })).ready, true)
  })

  test('waits for a rollout, then tells what runs with its digest', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ replicas: 2 }), serviceOf({ app: 'web' }))
    await report(player, 2, { phase: 'Pending', conditions: [], containerStatuses: [] })
    const waiting = await player.until(deployment, () => true)
    assert.ok('pending' in waiting)
    assert.match(waiting.why.en, /Deployment\/web is not ready yet/)
    assert.equal(waiting.facts.ready, false)

    await report(player, 2, running)
    const { facts, ...rest } = await player.until(deployment, ({ ready }) => ready)
    assert.ok(!('pending' in rest))
    assert.equal(facts.containers.length, 2)
    const [one] = facts.containers
    const expected = {
      name: 'main',
      image: 'board.local/shell:1',
      digest,
      restarts: 0,
      ready: true,
      state: 'running',
    }
    assert.deepEqual({ ...one, ...expected }, one)
    assert.ok(
      facts.events.some(
        ({ reason, object }) => reason === 'ScalingReplicaSet' && object === 'Deployment/web',
      ),
    )
  })

  test('does not blame what was repaired for the pod that is being replaced', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ container: { env: [{ name: 'TRY', value: '1' }] } }))
    const waits = { state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }
    const broken = { ...container, ...waits, ready: false, started: false }
    await report(player, 1, { phase: 'Pending', conditions: [], containerStatuses: [broken] })
    const before = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in before))
    await player.apply(deploymentOf({ container: { env: [{ name: 'TRY', value: '2' }] } }))
    const isNew = ({ spec }: V1Pod) => spec?.containers[0]?.env?.[0]?.value === '2'
    await report(player, 2, { phase: 'Pending', conditions: [], containerStatuses: [] }, isNew)
    const after = await player.until(deployment, ({ problems }) => problems.length === 0)
    assert.ok('pending' in after)
  })

  test('does not believe a container that was restarted a moment ago', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf())
    // In a minute, so that it stays a moment ago however slow the machine is.
    const state = { running: { startedAt: new Date(Date.now() + 60_000).toISOString() } }
    await report(player, 1, { ...running, containerStatuses: [{ ...container, state, restartCount: 1 }] })
    const look = await player.until(deployment, ({ objects }) => objects[0]?.ready ?? false)
    assert.ok('pending' in look)
    assert.equal(look.facts.ready, false)
  })
})

describe('why a pod does not start', { skip: lacksBoard(), concurrency: 4 }, () => {
  test('the quota: which resource, and by how much', async (context) => {
    const player = await play(context)
    await player.apply(quotaOf({ 'limits.memory': '256Mi' }))
    const isCounted = ({ object }: KubernetesFacts) => /"used":/.test(JSON.stringify(object))
    await player.until({ apiVersion: 'v1', kind: 'ResourceQuota' }, isCounted)
    await player.apply(
      deploymentOf({ replicas: 2, container: { resources: { limits: { memory: '200Mi' } } } }),
    )
    const look = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in look), 'it is judged at once')
    const [one] = look.facts.problems
    assert.equal(one?.code, 'quota-exceeded')
    assert.equal(one.object, 'Deployment/web')
    assert.equal(one.details['resource'], 'limits.memory')
    assert.equal(one.details['by'], '144Mi')
    assert.match(one.text.en, /asks for 200Mi while 200Mi of 256Mi are in use, 144Mi too much/)
    assert.match(one.text.fr, /144Mi de trop/)
    assert.equal(look.facts.why, one.text.en)
    const isRefused = ({ reason }: { reason: string }) => reason === 'FailedCreate'
    const later = await player.until(deployment, ({ events }) => (events.find(isRefused)?.count ?? 0) > 2)
    assert.equal(later.facts.events.filter(isRefused).length, 1, 'however many pods were refused')
    assert.equal((await player.found('quota-exceeded')).text.en, one.text.en)
  })

  test('the quota wants limits that the pod does not say', async (context) => {
    const player = await play(context)
    await player.apply(quotaOf({ 'limits.cpu': '1' }), deploymentOf())
    assert.match((await player.found('limits-missing')).details['fields'] ?? '', /limits\.cpu for: main/)
  })

  test('the LimitRange: which bound, and what the pod says', async (context) => {
    const player = await play(context)
    const limits = [{ type: 'Container', max: { cpu: '500m', memory: '128Mi' } }]
    await player.apply({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits' },
      spec: { limits },
    })
    await player.apply(
      statefulSetOf({ container: { resources: { limits: { cpu: '900m', memory: '2Gi' } } } }),
    )
    const one = await player.found('limit-range')
    assert.equal(one.object, 'StatefulSet/web')
    assert.deepEqual(one.details, { resource: 'cpu', bound: 'maximum', limit: '500m', saw: '900m' })
    assert.match(one.text.en, /memory: a Container may have at most 128Mi, this one says 2Gi/)
    const look = await player.until(
      { ...deployment, kind: 'StatefulSet' },
      ({ problems }) => problems.length > 0,
    )
    assert.ok(!('pending' in look), 'it is judged at once')
  })

  test('Pod Security: which fields', async (context) => {
    const player = await play(context)
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await applyObjects(player.kubeconfig, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: player.name, labels } },
    ])
    const container = { securityContext: { privileged: true } }
    const pod = { hostNetwork: true, volumes: [{ name: 'root', hostPath: { path: '/' } }] }
    await player.apply(deploymentOf({ container, pod }))
    const one = await player.found('pod-security')
    assert.equal(one.object, 'Deployment/web')
    const fields = (one.details['fields'] ?? '').split(', ').sort()
    assert.deepEqual(fields, [
      'hostNetwork',
      'securityContext.allowPrivilegeEscalation',
      'securityContext.capabilities',
      'securityContext.privileged',
      'volumes',
    ])
    assert.match(one.text.en, /securityContext\.allowPrivilegeEscalation \(set it to false\)/)
  })

  test('a service account that does not exist', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ pod: { serviceAccountName: 'nobody' } }))
    assert.deepEqual((await player.found('config-missing')).details, {
      kind: 'ServiceAccount',
      name: 'nobody',
    })
  })

  test('a ConfigMap, a Secret or a key that does not exist: which', async (context) => {
    const player = await play(context)
    const valueFrom = { configMapKeyRef: { name: 'map', key: 'gate' } }
    const envFrom = [{ secretRef: { name: 'word' } }, { secretRef: { name: 'maybe', optional: true } }]
    await player.apply(deploymentOf({ container: { env: [{ name: 'GATE', valueFrom }], envFrom } }))
    const missing = async () => {
      const { facts } = await player.until(deployment, ({ problems }) => problems.length > 0)
      return facts.problems.map(({ code, details }) => [
        code,
        details['kind'],
        details['name'],
        details['key'],
      ])
    }
    const secret = ['config-missing', 'Secret', 'word', undefined]
    assert.deepEqual(await missing(), [secret, ['config-missing', 'ConfigMap', 'map', undefined]])
    await player.apply({ ...configMap, metadata: { name: 'map' }, data: { door: 'east' } })
    assert.deepEqual(await missing(), [secret, ['key-missing', 'ConfigMap', 'map', 'gate']])
    assert.match((await player.found('key-missing')).text.en, /which has door\./)
  })

  test('a Service whose selector matches nothing: what it looks for, and what there is', async (context) => {
    const player = await play(context)
    await player.apply(serviceOf({ app: 'wbe' }), deploymentOf())
    const look = await player.until(service, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in look), 'it is judged at once')
    const [one] = look.facts.problems
    assert.equal(one?.code, 'selector-matches-nothing')
    assert.deepEqual(one.details, { selector: 'app=wbe', labels: 'app=web' })
    await player.apply(serviceOf({ app: 'web' }))
    assert.ok(!(await player.facts(service).catch(() => null))?.problems.length)
  })

  test('an Ingress that leads to a Service that does not exist', async (context) => {
    const player = await play(context)
    const backend = { service: { name: 'nowhere', port: { number: 80 } } }
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
    await player.apply({ ...ingress, metadata: { name: 'gate' }, spec: { defaultBackend: backend } })
    const { problems } = await player.facts({ ...ingress, name: 'gate' })
    assert.deepEqual(
      problems.map(({ code, object }) => [code, object]),
      [['service-missing', 'Ingress/gate']],
    )
  })

  test('no node takes it, which is ours to mend and never held against the player', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf())
    const one = await player.found('unschedulable')
    assert.equal(one.ours, true)
    assert.match(one.text.en, /the cluster has no node/)
    await assert.rejects(player.look(deployment), Inconclusive)
  })

  test('nobody asked for a pod', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ replicas: 0 }))
    const look = await player.until(deployment, ({ found }) => found)
    assert.ok(!('pending' in look))
    assert.equal(look.facts.ready, false)
    assert.equal(look.facts.problems[0]?.code, 'scaled-to-zero')
  })
})
