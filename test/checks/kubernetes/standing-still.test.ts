import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { KubeObject } from '../../../src/board/cluster/types.ts'
import { check } from '../../../src/checks/kubernetes.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { lacksBoard } from '../../helpers/board.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import type { PlainObject } from '../../helpers/board/objects.ts'
import { container, report, running } from '../../helpers/board/report.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { deploymentOf, serviceOf } from '../../helpers/board/workloads.ts'
import { checked, type Checked } from '../../helpers/checked.ts'
import { contextOf } from '../../helpers/look.ts'
import { clusterWith, openNamespace } from '../../helpers/namespace.ts'

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }

async function play(context: TestContext): Promise<Checked & { kubectl: ReturnType<typeof kubectlWith> }> {
  const namespace = await openNamespace(context)
  const kubectl = kubectlWith(namespace.kubeconfig)
  return { ...checked(namespace), kubectl: (...args) => kubectl('-n', namespace.name, ...args) }
}

/** The first problem, once the look no longer waits. */
async function ends(player: Checked, spec: Record<string, unknown>) {
  const look = await player.until(
    spec,
    ({ problems, found }) => found && problems.some(({ heals }) => !heals),
  )
  assert.ok(!('pending' in look), 'it is judged at once')
  assert.equal(look.facts.ready, false)
  const [one] = look.facts.problems
  assert.ok(one)
  assert.ok(one.text.fr !== one.text.en && one.text.fr.length > 10)
  return one
}

const asks = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const claimOf = (more: object = {}): PlainObject => ({
  ...claim,
  metadata: { name: 'data' },
  spec: { ...asks, ...more },
})
const mounting = (claimName: string) => ({
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
})
const ingressOf = (spec: object = {}): PlainObject => ({
  ...ingress,
  metadata: { name: 'gate' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...spec },
})

describe(
  'what nothing will move any more is told with its reason, not waited for:',
  { skip: lacksBoard() || lacksTools('kubectl'), concurrency: 4 },
  () => {
    test('a paused rollout, and the command that lets it go on', async (context) => {
      const player = await play(context)
      await player.apply(deploymentOf())
      await report(player, 1, running)
      await player.until(deployment, ({ ready }) => ready)
      await player.kubectl('rollout', 'pause', 'deployment/web')
      const idle = await player.until(deployment, ({ ready }) => ready)
      assert.ok(!('pending' in idle), 'paused with nothing to roll out')
      await player.kubectl('set', 'env', 'deployment/web', 'TRY=2')
      const one = await ends(player, deployment)
      assert.deepEqual([one.code, one.object], ['rollout-paused', 'Deployment/web'])
      for (const text of [one.text.en, one.text.fr])
        assert.match(text, /kubectl rollout resume deployment\/web/)
    })

    test('a claim that names no storage class, and nothing else that does not run', async (context) => {
      const player = await play(context)
      await player.apply(claimOf(), deploymentOf({ replicas: 0 }))
      const one = await ends(player, { ...claim, name: 'data' })
      assert.deepEqual([one.code, one.object], ['claim-unbound', 'PersistentVolumeClaim/data'])
      assert.match(one.text.en, /names no storage class.*kubectl describe pvc data/)
      const { problems } = await player.facts({ ...claim, name: 'data' })
      assert.equal(problems.length, 1, 'an unrelated Deployment is blamed')
      await player.apply(deploymentOf({ pod: mounting('data') }))
      const mounted = await ends(player, deployment)
      assert.equal(mounted.object, 'PersistentVolumeClaim/data')
    })

    test('a claim of a class that nothing makes volumes of', async (context) => {
      const player = await play(context)
      await player.apply(claimOf({ storageClassName: 'nobodys' }))
      const one = await ends(player, { ...claim, name: 'data' })
      assert.match(one.text.en, /nobodys.*A claim cannot be changed: delete it and apply it again/)
    })

    test('an Ingress that no controller takes up', async (context) => {
      const player = await play(context)
      await player.apply(deploymentOf(), serviceOf({ app: 'web' }), ingressOf({ ingressClassName: 'nobody' }))
      await report(player, 1, running)
      const early = await player.until({ ...ingress, name: 'gate' }, ({ found }) => found)
      assert.ok('pending' in early, 'a controller gets a moment')
      const one = await ends(player, { ...ingress, name: 'gate' })
      assert.equal(one.code, 'ingress-unclaimed')
      assert.match(
        one.text.en,
        /no address: no controller has taken up its class nobody.*describe ingress gate/,
      )
    })

    test('an Ingress of another class than the board’s, at once; of the right one, as ours', async (context) => {
      const player = await play(context)
      await player.apply(deploymentOf(), serviceOf({ app: 'web' }), ingressOf({ ingressClassName: 'other' }))
      await report(player, 1, running)
      const way = {
        suffix: 'x',
        className: 'front',
        address: 'x',
        httpPort: 80,
        httpsPort: 443,
        publicHttpPort: 80,
        publicHttpsPort: 443,
        onServer: false,
      }
      const look = (age = 0) => {
        const older = (one: KubeObject) =>
          age > 0 ? { ...one, metadata: { ...one.metadata, ...aged(age) } } : one
        const get: typeof player.reader.get = async (...what) => {
          const one = await player.reader.get(...what)
          return one && older(one)
        }
        return check.look(check.spec.parse({ ...ingress, name: 'gate' }), {
          ...contextOf(null),
          board: { cluster: clusterWith({ ...player.reader, ingress: way, get }) },
        })
      }
      const wrong = await look()
      assert.ok(!('pending' in wrong))
      assert.match(wrong.facts.why, /class other; the class here is front.*"ingressClassName":"front"/)
      await player.apply(ingressOf({ ingressClassName: 'front' }))
      assert.ok('pending' in (await look()))
      await assert.rejects(look(60), (error: unknown) => {
        return error instanceof Inconclusive && /has no address/.test(error.message)
      })
    })

    test('a sidecar whose probe fails, and one that ends well again and again', async (context) => {
      const player = await play(context)
      const { containers } = (deploymentOf()['spec'] as { template: { spec: { containers: object[] } } })
        .template.spec
      const initContainers = [{ ...containers[0], name: 'beside', restartPolicy: 'Always' }]
      await player.apply(deploymentOf({ pod: { initContainers } }))
      const beside = { ...container, name: 'beside', ready: false }
      const waiting = { ...container, ready: false, state: { waiting: { reason: 'PodInitializing' } } }
      const status = { phase: 'Pending', conditions: [], containerStatuses: [waiting] }
      await report(player, 1, { ...status, initContainerStatuses: [beside] })
      const pod = await player.kubectl(
        'get',
        'pods',
        '-o',
        'jsonpath={.items[0].metadata.name} {.items[0].metadata.uid}',
      )
      const [name = '', uid] = pod.split(' ')
      const involvedObject = {
        kind: 'Pod',
        name,
        uid,
        namespace: player.name,
        fieldPath: 'spec.initContainers{beside}',
      }
      const message = 'Startup probe failed: connection refused'
      await player.apply({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'unhealthy' },
        involvedObject,
        message,
        reason: 'Unhealthy',
        type: 'Warning',
      })
      const { facts } = await player.until(deployment, ({ problems }) => problems.length > 0)
      assert.match(facts.why, /container beside runs, but its startup probe fails: connection refused/)

      const ended = { terminated: { exitCode: 0, reason: 'Completed' } }
      const again = { waiting: { reason: 'CrashLoopBackOff' } }
      await report(player, 1, {
        ...status,
        initContainerStatuses: [{ ...beside, state: again, lastState: ended, restartCount: 2 }],
      })
      const one = await ends(player, deployment)
      assert.match(one.text.en, /beside ends again and again, with exit code 0 \(it ended by itself/)
    })

    test('an autoscaler that gets no metrics', async (context) => {
      const player = await play(context)
      await player.apply(deploymentOf())
      await report(player, 1, running)
      const scaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }
      const metrics = [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ]
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
      const spec = { scaleTargetRef, maxReplicas: 3, metrics }
      await player.apply({ ...scaler, metadata: { name: 'web' }, spec })
      assert.equal((await player.facts({ ...scaler, name: 'web' })).ready, false)
      // The test board has no controller that scales: its words are those of Kubernetes 1.34.
      const says = async (type: string, reason: string, message: string) => {
        const conditions = [
          { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale' },
          { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' },
        ].map((one) =>
          one.type === type ? { ...one, status: message ? 'False' : 'True', reason, message } : one,
        )
        const patch = JSON.stringify({ status: { conditions } })
        await player.kubectl('patch', 'hpa', 'web', '--subresource=status', '--type=merge', '-p', patch)
      }
      const missing = 'the HPA was unable to compute the replica count: failed to get cpu utilization: '
      await says(
        'ScalingActive',
        'FailedGetResourceMetric',
        `${missing}unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`,
      )
      const one = await ends(player, { ...scaler, name: 'web' })
      assert.match(
        one.text.en,
        /does not scale Deployment\/web: it gets no metrics.*kubectl describe hpa web/,
      )
      await says(
        'ScalingActive',
        'FailedGetResourceMetric',
        `${missing}missing request for cpu in container main of Pod web-1`,
      )
      assert.match((await ends(player, { ...scaler, name: 'web' })).text.en, /resources\.requests/)
      await says(
        'AbleToScale',
        'FailedGetScale',
        'the HPA controller was unable to get the target\'s current scale: deployments.apps "wbe" not found',
      )
      assert.match(
        (await ends(player, { ...scaler, name: 'web' })).text.en,
        /write the right name into scaleTargetRef/,
      )
      await says('', '', '')
      assert.equal((await player.facts({ ...scaler, name: 'web' })).ready, true)
    })

    test('what a finalizer holds, what is suspended, and a Job that gave up', async (context) => {
      const player = await play(context)
      const held = { name: 'map', finalizers: ['example.org/dragon'] }
      await player.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: held })
      context.after(() =>
        player.kubectl('patch', 'configmap', 'map', '--type=merge', '-p', '{"metadata":{"finalizers":null}}'),
      )
      await player.kubectl('delete', 'configmap', 'map', '--wait=false')
      const leaving = await ends(player, { apiVersion: 'v1', kind: 'ConfigMap', name: 'map' })
      assert.match(
        leaving.text.en,
        /being deleted, and held by example\.org\/dragon.*kubectl patch configmap map/,
      )

      const { template } = deploymentOf({ pod: { restartPolicy: 'Never' } })['spec'] as { template: object }
      const job = { apiVersion: 'batch/v1', kind: 'Job' }
      await player.apply({ ...job, metadata: { name: 'dig' }, spec: { template, suspend: true } })
      assert.match((await ends(player, { ...job, name: 'dig' })).text.en, /suspended.*kubectl patch job dig/)
      const cron = { apiVersion: 'batch/v1', kind: 'CronJob' }
      const spec = { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template } } }
      await player.apply({ ...cron, metadata: { name: 'feast' }, spec })
      assert.match((await ends(player, { ...cron, name: 'feast' })).text.en, /kubectl patch cronjob feast/)

      await player.apply({
        ...job,
        metadata: { name: 'hurry' },
        spec: { template, activeDeadlineSeconds: 1 },
      })
      const late = await ends(player, { ...job, name: 'hurry' })
      assert.match(
        late.text.en,
        /has failed and is not tried again: Job was active longer.*kubectl logs job\/hurry/,
      )
    })

    test('a Service without a selector, and a budget that guards nobody', async (context) => {
      const player = await play(context)
      const { spec, ...service } = serviceOf({}) as PlainObject & { spec: object }
      await player.apply({ ...service, spec: { ...spec, selector: null } })
      const one = await ends(player, { apiVersion: 'v1', kind: 'Service', name: 'web' })
      assert.match(one.text.en, /has no selector.*kubectl set selector service web/)
      const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }
      const selector = { matchLabels: { app: 'wbe' } }
      await player.apply({ ...budget, metadata: { name: 'web' }, spec: { minAvailable: 1, selector } })
      const guard = await ends(player, { ...budget, name: 'web' })
      assert.equal(guard.code, 'selector-matches-nothing')
    })

    test('but a pod that was evicted does not fail the Deployment that has made another', async (context) => {
      const player = await play(context)
      await player.apply(deploymentOf())
      const ended = { ...container, ready: false, state: { terminated: { exitCode: 137, reason: 'Error' } } }
      const evicted = {
        phase: 'Failed',
        containerStatuses: [ended],
        reason: 'Evicted',
        message: 'The node was low on memory.',
      }
      await report(player, 1, evicted)
      await report(player, 2, running, ({ status }) => status?.phase !== 'Failed')
      const { facts } = await player.until(deployment, ({ ready }) => ready)
      assert.deepEqual(
        facts.containers.map(({ ready }) => ready),
        [true],
      )
      assert.deepEqual(facts.problems, [])
      const pods = await player.facts({ apiVersion: 'v1', kind: 'Pod', selector: 'app=web' })
      assert.deepEqual([pods.count, pods.ready], [1, true])
    })
  },
)

function aged(seconds: number): object {
  return { creationTimestamp: new Date(Date.now() - seconds * 1000).toISOString(), managedFields: [] }
}
