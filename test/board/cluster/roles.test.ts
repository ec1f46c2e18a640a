import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Connection } from '../../../src/board/cluster/connection.ts'
import { installObjects } from '../../../src/board/cluster/install.ts'
import { manifestsFor } from '../../../src/board/cluster/manifests.ts'
import { objectsOf, type Objects } from '../../../src/board/cluster/objects.ts'
import { masterAccount } from '../../../src/board/cluster/plan.ts'
import { removeNamespace } from '../../../src/board/cluster/removal.ts'
import type { KubeObject } from '../../../src/board/cluster/types.ts'
import { lacksBoard } from '../../helpers/board.ts'
import { answerTo, openPlayer, surroundings, type BoardPlayer } from '../../helpers/board/player.ts'
import { restrictedPod } from '../../helpers/board/pods.ts'
import { until } from '../../helpers/until.ts'

// All files share the board, and a cluster has one master.
const account = masterAccount
const masterUser = `system:serviceaccount:${account.namespace}:${account.name}`
const rbac = 'rbac.authorization.k8s.io'
const secret = { apiVersion: 'v1', kind: 'Secret' }
const dryRun = { dryRun: 'All' }

async function tokenOf(by: Connection, namespace: string, name: string): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  return (await by.send(path, { method: 'POST', body, query: dryRun })).status
}

function binding(namespace: string, role: string, name = 'more'): KubeObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'User', apiGroup: rbac, name: masterUser }],
  }
}

describe('rights on a board', { skip: lacksBoard() }, () => {
  let one: BoardPlayer
  let close: () => Promise<void>
  let master: Connection
  let made: Objects
  before(async () => {
    ;({ player: one, close } = await openPlayer())
    for (const object of installObjects({ settings: surroundings().settings, account }))
      await one.objects.apply(object)
    const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    const { status } = await one.admin.json<{ status: { token: string } }>(path, { method: 'POST', body })
    master = await one.admin.as(status.token)
    made = objectsOf(master)
    const foreign = map('default')
    await until(
      'the roles',
      10,
      () => answer(foreign),
      (refusal) => refusal !== '',
    )
  })
  after(async () => {
    master.close()
    await close()
  })
  const map = (namespace: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'intruder', namespace },
  })
  /** In a namespace made an instant ago the roles take a moment. */
  const untilApplied = (object: KubeObject) =>
    until(`the right to make ${object.kind}`, 5, () =>
      made.apply(object).then(
        () => true,
        () => false,
      ),
    )
  const answer = (object: KubeObject) => answerTo(made, object, () => true)
  const own = () => `/api/v1/namespaces/${one.namespace}`

  test('let the master make a whole namespace, and make it again', async () => {
    const around = { ...surroundings(), masterUser }
    const spec = { ...one.spec, name: `${one.namespace}-staging`, environment: 'staging' }
    const objects = manifestsFor(spec, around)
    try {
      for (const object of [...objects, ...objects]) await untilApplied(object)
      for (const object of objects)
        assert.equal(await answer(object), '', `${object.kind} ${object.metadata.name}`)
      await until('the binding to open the Secrets of that namespace', 5, async () => {
        const { status } = await master.send(`/api/v1/namespaces/${spec.name}/secrets`)
        return status === 200
      })
      assert.equal(await tokenOf(master, spec.name, 'player'), 201)
      const login = await made.get(secret, 'registry', spec.name)
      assert.equal(login?.['type'], 'kubernetes.io/dockerconfigjson')
      const other = { ...secret, metadata: { name: 'other', namespace: spec.name }, stringData: { a: 'b' } }
      assert.match(await answer(other), /cannot (patch|create) resource "secrets"/)
    } finally {
      await made.remove({ apiVersion: 'v1', kind: 'Namespace' }, spec.name)
    }
  })

  test('let the master take a namespace down at once, however long its pods would take to end', async () => {
    const name = `${one.namespace}-leaving`
    const spec = { ...one.spec, name, environment: 'leaving' }
    for (const object of manifestsFor(spec, { ...surroundings(), masterUser })) await untilApplied(object)
    const { spec: content } = restrictedPod(name, 'slow', ['sleep', '600'])
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'slow', namespace: name } }
    await one.objects.apply({ ...pod, spec: { ...content, terminationGracePeriodSeconds: 600 } })
    // Of a pod that no node has, nothing is awaited.
    const target = { apiVersion: 'v1', kind: 'Node', name: 'node-that-is-not' }
    const bound = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'slow' }, target }
    await one.admin.json(`/api/v1/namespaces/${name}/pods/slow/binding`, { method: 'POST', body: bound })

    const options = { patienceMs: 60_000, gatewayApi: false }
    assert.deepEqual(await removeNamespace(made, name, one.spec, options), {
      gone: false,
      blocking: [],
      freed: [],
    })
    const left = await one.objects.get({ apiVersion: 'v1', kind: 'Pod' }, 'slow', name)
    assert.equal((left?.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds, 1)
    const there = await one.objects.get({ apiVersion: 'v1', kind: 'Namespace' }, name)
    assert.ok(there?.metadata.deletionTimestamp)
  })

  test('keep Secrets from the master where no binding of its own opens them', async () => {
    for (const path of [
      '/api/v1/secrets',
      '/api/v1/configmaps',
      '/api/v1/namespaces/kube-system/secrets',
      `${own()}/secrets`,
    ])
      assert.equal((await master.send(path)).status, 403, path)
  })

  test('keep the master from other accounts’ tokens and other roles', async () => {
    assert.equal(await tokenOf(master, one.namespace, 'default'), 403)
    assert.equal(await tokenOf(master, 'kube-system', 'default'), 403)
    assert.match(await answer(binding(one.namespace, 'cluster-admin')), /forbidden/)
    assert.match(await answer(binding(one.namespace, 'edit')), /forbidden/)
  })

  test('keep the master inside the hunt’s namespaces', async () => {
    assert.match(await answer(map('kube-system')), /game master may change namespaces of the hunt only/)
    assert.match(await answer(binding('kube-system', 'shambhala-master-namespace')), /hunt only/)
    const label = { name: 'kube-system', labels: { 'shambhala.dev/player': 'x' } }
    assert.match(await answer({ apiVersion: 'v1', kind: 'Namespace', metadata: label }), /cannot become one/)
    const removal = await master.send(`/api/v1/namespaces/${account.namespace}`, {
      method: 'DELETE',
      query: dryRun,
    })
    assert.equal(removal.status, 403)
    assert.match(removal.body.toString(), /hunt only/)
  })

  test('keep even an administrator from binding the hunt’s roles elsewhere', async () => {
    const object = binding('default', 'shambhala-player')
    assert.match(await answerTo(one.objects, object, (said) => said !== ''), /in namespaces of the hunt only/)
  })

  test('keep players from the walls of their own namespace', async () => {
    const tries: ['PATCH' | 'DELETE' | 'POST', string][] = [
      ['PATCH', `${own()}/resourcequotas/hunt`],
      ['DELETE', `${own()}/limitranges/hunt`],
      ['DELETE', `/apis/networking.k8s.io/v1${own().slice(7)}/networkpolicies/hunt-deny`],
      ['DELETE', `/apis/${rbac}/v1${own().slice(7)}/rolebindings/player`],
      ['PATCH', own()],
      ['DELETE', own()],
      ['PATCH', `${own()}/serviceaccounts/default`],
      ['PATCH', `${own()}/secrets/registry`],
      ['DELETE', `${own()}/secrets/registry`],
      ['DELETE', `${own()}/serviceaccounts/player`],
      ['DELETE', `${own()}/configmaps`],
      ['POST', `${own()}/serviceaccounts/player/token`],
      ['POST', `${own()}/endpoints`],
      ['POST', `/apis/discovery.k8s.io/v1${own().slice(7)}/endpointslices`],
    ]
    for (const [method, path] of tries) {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const body = method === 'DELETE' ? undefined : {}
      const call = { method, contentType, body, query: dryRun }
      const said = await one.player.send(path, call)
      assert.equal(said.status, 403, `${method} ${path}: ${said.status} ${said.body.toString()}`)
    }
  })

  test('let players read their quota, limits, policies, events and nothing of others', async () => {
    for (const kind of ['resourcequotas', 'limitranges', 'events', 'endpoints', 'pods', 'secrets'])
      assert.equal((await one.player.send(`${own()}/${kind}`)).status, 200, kind)
    const other = await openPlayer()
    try {
      for (const kind of ['pods', 'secrets', 'services', 'events'])
        assert.equal(
          (await one.player.send(`/api/v1/namespaces/${other.player.namespace}/${kind}`)).status,
          403,
        )
    } finally {
      await other.close()
    }
  })
})
