import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { connectTo } from '../../src/board/cluster/connection.ts'
import { objectsOf } from '../../src/board/cluster/objects.ts'
import { createReader } from '../../src/board/cluster/reader.ts'
import { boardFile } from '../../src/core/board-file.ts'
import { boardImages, loadImage } from '../helpers/board/images.ts'
import { cleanNamespace, restrictedPod } from '../helpers/board/pods.ts'
import { deploymentOf, serviceOf } from '../helpers/board/workloads.ts'
import { checked, type Checked } from '../helpers/checked.ts'
import { lacksNode, openNode } from '../helpers/node.ts'

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const sh = (script: string) => ({ command: ['sh', '-c', script] })

/** The head of a program that Linux knows for one of another processor. */
function foreignProgram(): Buffer {
  const program = Buffer.alloc(4096)
  program.write('\x7fELF\x02\x01\x01', 'latin1')
  program.writeUInt16LE(2, 16)
  program.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18)
  program.writeUInt32LE(1, 20)
  return program
}

async function play(context: TestContext): Promise<Checked> {
  const { kubeconfig } = await openNode()
  const name = await cleanNamespace(context, kubeconfig)
  const [settings] = boardFile.parse({ clusters: [{ name: 'main', kubeconfig }], budgets: {} }).clusters
  if (!settings) throw new Error('no cluster')
  const connection = await connectTo(settings, (path) => path)
  context.after(() => connection.close())
  const place = { cluster: 'main', namespace: name, ingress: null }
  return checked({ name, kubeconfig, reader: createReader(connection, objectsOf(connection), place) }, 120)
}

describe('why a pod on a real node does not run', { skip: lacksNode(), concurrency: 4 }, () => {
  test('it ends again and again: exit code and last lines', async (context) => {
    const player = await play(context)
    const script =
      'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "step $i"; done; echo "no gate to open"; exit 3'
    await player.apply(deploymentOf({ container: sh(script) }))
    const one = await player.found('crash-loop')
    assert.equal(one.object, 'Deployment/web')
    assert.equal(one.details['exitCode'], '3')
    const lines = (one.details['log'] ?? '').split('\n')
    assert.equal(lines.length, 10)
    assert.equal(lines.at(-1), 'no gate to open')
    assert.match(one.text.en, /exit code 3; it was restarted .* Its last line: no gate to open$/)
    assert.equal(one.heals, true, 'at first it may wait for something')
    const { facts, ...rest } = await player.until(deployment, ({ problems }) =>
      problems.some(({ heals }) => !heals),
    )
    assert.ok(!('pending' in rest), 'later it is judged at once')
    assert.equal(facts.problems[0]?.code, 'crash-loop')
    assert.equal(facts.ready, false)
    assert.ok((facts.containers[0]?.restarts ?? 0) >= 3)
  })

  test('it takes more memory than its limit', async (context) => {
    const player = await play(context)
    const resources = { limits: { memory: '16Mi' } }
    await player.apply(deploymentOf({ container: { ...sh('tail /dev/zero'), resources } }))
    const one = await player.found('oom-killed')
    assert.equal(one.details['limit'], '16Mi')
    assert.match(one.text.en, /more memory than its limit of 16Mi/)
  })

  test('its readiness probe fails: which, and what it says', async (context) => {
    const player = await play(context)
    const readinessProbe = { httpGet: { path: '/nowhere', port: 8080 }, periodSeconds: 1 }
    await player.apply(
      deploymentOf({ container: { image: boardImages.web, readinessProbe } }),
      serviceOf({ app: 'web' }),
    )
    const one = await player.found('readiness-failing')
    assert.match(one.text.en, /GET \/nowhere port 8080\) fails: .*404/)
    const look = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok('pending' in look, 'a slow program may still come up')
    const service = await player.facts({ apiVersion: 'v1', kind: 'Service', name: 'web' })
    assert.equal(service.ready, false)
    assert.equal(service.problems[0]?.code, 'readiness-failing')
  })

  test('its liveness probe fails', async (context) => {
    const player = await play(context)
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 }
    await player.apply(deploymentOf({ container: { ...sh('sleep 600'), livenessProbe } }))
    assert.equal((await player.found('liveness-failing')).object, 'Deployment/web')
  })

  test('its image is nowhere, and its tag is another', async (context) => {
    const player = await play(context)
    const image = 'nowhere.invalid/gate:1'
    await player.apply(deploymentOf({ container: { image } }))
    const unknown = await player.found('registry-unreachable')
    assert.equal(unknown.details['image'], image)

    await player.apply(
      deploymentOf({ container: { image: 'board.local/nothing:1', imagePullPolicy: 'Never' } }),
    )
    assert.equal((await player.found('image-not-found')).details['image'], 'board.local/nothing:1')

    await player.apply(deploymentOf())
    const { facts } = await player.until(deployment, ({ ready }) => ready)
    assert.equal(facts.containers[0]?.state, 'running')
    await player.apply(deploymentOf({ container: { image: 'board.local/shell:9' } }))
    const wrong = await player.found('wrong-tag')
    assert.equal(wrong.details['tag'], '9')
    assert.equal(wrong.details['tags'], '1')
    const look = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in look), 'it is judged at once')
  })

  test('its command is not in the image', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ container: { command: ['/bin/dragon'] } }))
    const one = await player.found('cannot-start')
    assert.equal(one.details['program'], '/bin/dragon')
  })

  test('its program is made for another processor', async (context) => {
    const player = await play(context)
    const { node } = await openNode()
    const image = 'board.local/foreign:1'
    const config = { User: '65532', Entrypoint: ['/run'] }
    const entries = [{ name: 'run', mode: 0o755, content: foreignProgram() }]
    await loadImage(node, { name: image, entries, config })
    await player.apply(deploymentOf({ container: { image } }))
    const one = await player.found('wrong-platform')
    assert.match(one.text.en, /exec format error.*docker build --platform/)
    const look = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in look), 'it is judged at once')
    // As a mirror of a static pod, nobody makes it again.
    const pod = restrictedPod(player.name, 'alone', ['/run'])
    const [main] = pod.spec['containers'] as object[]
    const spec = { ...pod.spec, containers: [{ ...main, image }] }
    await player.apply({ ...pod, spec })
    const alone = await player.until(
      { apiVersion: 'v1', kind: 'Pod', name: 'alone' },
      ({ problems }) => problems.length > 0,
    )
    assert.equal(alone.facts.problems[0]?.code, 'wrong-platform')
  })

  test('a container beside the others ends well again and again, or does not become ready', async (context) => {
    const player = await play(context)
    const { containers } = (deploymentOf()['spec'] as { template: { spec: { containers: object[] } } })
      .template.spec
    const beside = (more: object) => ({
      initContainers: [{ ...containers[0], name: 'beside', restartPolicy: 'Always', ...more }],
    })
    await player.apply(deploymentOf({ pod: beside(sh('exit 0')) }))
    const one = await player.found('crash-loop')
    assert.match(one.text.en, /container beside ends again and again, with exit code 0/)
    assert.equal(one.heals, false)
    const startupProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 100 }
    await player.apply(deploymentOf({ pod: beside({ startupProbe }) }))
    assert.match(
      (await player.found('readiness-failing')).text.en,
      /beside runs, but its startup probe \(false\)/,
    )
  })

  test('its image would run as root', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ container: { image: boardImages.pause } }))
    assert.equal((await player.found('runs-as-root')).details['container'], 'main')
  })

  test('no node has the labels that it asks for', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ pod: { nodeSelector: { realm: 'north' } } }))
    const one = await player.found('unschedulable')
    assert.equal(one.ours, false)
    assert.match(one.text.en, /none has the labels of its nodeSelector \(realm=north\)/)
    const look = await player.until(deployment, ({ problems }) => problems.length > 0)
    assert.ok(!('pending' in look), 'it is judged at once')
  })

  test('it runs: nothing is told, and its digest is what the node runs', async (context) => {
    const player = await play(context)
    await player.apply(deploymentOf({ container: { image: boardImages.web } }), serviceOf({ app: 'web' }))
    const { facts } = await player.until(deployment, ({ ready }) => ready)
    assert.deepEqual(facts.problems, [])
    assert.notEqual(facts.containers[0]?.imageId, '')
    const service = await player.until(
      { apiVersion: 'v1', kind: 'Service', name: 'web' },
      ({ ready }) => ready,
    )
    assert.equal(service.facts.containers.length, 1)
  })
})
