import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node'
import { collect } from '../../src/cli/registry/collect.ts'
import { checked } from '../helpers/checked.ts'
import { restrictedPod, cleanNamespace, isReady, podThat, type PlainPod } from '../helpers/board/pods.ts'
import { loadHuntImages } from '../helpers/board/hunt-images.ts'
import { applyObjects, connect } from '../helpers/board/objects.ts'
import {
  lacksNodeGame,
  packLayout,
  startNodeGame,
  type NodeGame,
  type NodePlayer,
} from '../helpers/node-registry.ts'
import { until } from '../helpers/until.ts'

interface Rows {
  rows: { repository: string; digest: string; tags: string[]; usedBy: { namespace: string; pod: string }[] }[]
}

describe('Images on a real node', { skip: lacksNodeGame() }, () => {
  let game: NodeGame
  let tara: NodePlayer
  let eve: NodePlayer
  const signal = AbortSignal.timeout(600_000)

  before(async () => {
    game = await startNodeGame()
    ;[tara, eve] = await Promise.all([game.join(), game.join()])
  })
  after(() => game.close())

  /** A pod of the player's that runs an image; nothing in it says how to log in. */
  const podOf = (namespace: string, image: string, more: object = {}): PlainPod => {
    const pod = restrictedPod(namespace, 'pack', [])
    const [main] = pod.spec['containers'] as [object]
    const container = { ...main, image, command: undefined, ...more }
    return { ...pod, spec: { ...pod.spec, containers: [container] } }
  }
  const start = (player: NodePlayer, image: string) =>
    podThat(player.kubeconfig, podOf(player.namespace, image), isReady)
  const api = (kubeconfig: string) => connect(kubeconfig).makeApiClient(CoreV1Api)
  const remove = async ({ kubeconfig, namespace }: NodePlayer) => {
    const pod = { namespace, name: 'pack' }
    await api(kubeconfig).deleteNamespacedPod(pod)
    const isGone = () =>
      api(kubeconfig)
        .readNamespacedPod(pod)
        .then(
          () => false,
          () => true,
        )
    await until('the end of the pod', 60, isGone)
  }
  /** What `registry collect` says once nothing is young any more. */
  const collected = async () => {
    const said: string[] = []
    const clusters = [{ name: 'main', cluster: game.cluster, fault: null }]
    await game.game.sql`update registry_manifests set pushed_at = now() - interval '2 hours'`
    await collect({ ...game, sql: game.game.sql, clusters }, {}, (line) => void said.push(line))
    return said
  }
  const digestRun = ({ status }: V1Pod) => status?.containerStatuses?.[0]?.imageID.replace(/^.*@/, '')

  test('a player’s pod pulls what they pushed without being told how, and the API names the pod', async () => {
    const { manifest } = await tara.push('pack:1.0', await packLayout('tara'))
    const pod = await start(tara, `${game.host}/${tara.slug}/pack:1.0`)
    assert.deepEqual(
      pod.spec?.imagePullSecrets?.map(({ name }) => name),
      ['registry'],
    )
    assert.equal(digestRun(pod), manifest.digest)
    const { namespace } = tara
    assert.equal(await api(tara.kubeconfig).readNamespacedPodLog({ namespace, name: 'pack' }), 'tara\n')
    const { rows } = (await tara.get('/workspace/images')) as Rows
    assert.deepEqual(
      rows.map(({ repository, digest, tags, usedBy }) => ({ repository, digest, tags, usedBy })),
      [
        {
          repository: 'pack',
          digest: manifest.digest,
          tags: ['1.0'],
          usedBy: [{ namespace, pod: 'pack' }],
        },
      ],
    )
  })

  test('what the hunt hands out runs in every namespace, as whoever the pod says', async () => {
    await loadHuntImages(game.registry, ['hearth:1.0'])
    const command = ['sh', '-c', 'id -un; sleep 3600']
    const pod = podOf(eve.namespace, `${game.host}/hunt/hearth:1.0`, { command })
    Object.assign(pod.spec['securityContext'] as object, { runAsUser: 65532 })
    await podThat(eve.kubeconfig, pod, isReady)
    const place = { namespace: eve.namespace, name: 'pack' }
    assert.equal(await api(eve.kubeconfig).readNamespacedPodLog(place), 'player\n')
    await remove(eve)
  })

  test('an image that lies on the node starts for its owner alone', async (t) => {
    const { manifest, config } = await tara.push('secret:1', await packLayout('for tara alone'))
    await remove(tara)
    const path = `${game.host}/${tara.slug}/secret`
    await start(tara, `${path}:1`)
    const names = [`${path}:1`, `${path}@${manifest.digest}`, config.digest, config.digest.slice(7, 19)]
    for (const name of names)
      for (const imagePullPolicy of ['Never', 'IfNotPresent']) {
        const refused = applyObjects(eve.kubeconfig, [podOf(eve.namespace, name, { imagePullPolicy })])
        await assert.rejects(refused, /may not run here; allowed are: /, `${name} ${imagePullPolicy}`)
      }
    // The digest alone, below a path of her own, opens nothing.
    const own = `${game.host}/${eve.slug}/secret@${manifest.digest}`
    for (const [imagePullPolicy, reason] of [
      ['Never', 'ErrImageNeverPull'],
      ['IfNotPresent', 'ErrImagePull'],
    ]) {
      const pod = podOf(eve.namespace, own, { imagePullPolicy })
      const waits = (one: V1Pod) => one.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason
      await podThat(eve.kubeconfig, pod, waits)
      await remove(eve)
    }
    // What the node itself says to somebody whom no policy stops: the refusals above are all there is.
    const free = await cleanNamespace(t, game.node.kubeconfig)
    await podThat(game.node.kubeconfig, podOf(free, `${path}:1`, { imagePullPolicy: 'Never' }), isReady)
  })

  test('collecting spares an untagged image while a pod runs it', async () => {
    await remove(tara)
    const { manifest } = await tara.push('lamp:1', await packLayout('old'))
    await start(tara, `${game.host}/${tara.slug}/lamp:1`)
    await tara.push('lamp:1', await packLayout('new'))
    const stored = () => game.registry.images(tara.slug).manifest('lamp', manifest.digest, signal)
    const noted = () => game.game.sql`select from registry_manifests where digest = ${manifest.digest}`
    await until('the note of it', 10, noted, (rows) => rows.length > 0)
    assert.deepEqual(await collected(), ['deleted 0'])
    assert.ok(await stored())
    await remove(tara)
    assert.deepEqual((await collected()).slice(0, 2), [
      `delete  ${tara.slug}/lamp@${manifest.digest}  (no tag, no pod)`,
      'deleted 1',
    ])
    assert.equal(await stored(), null)
  })

  test('a tag that was never pushed is told by its name', async () => {
    await tara.push('bell:1.0', await packLayout('bell'))
    const image = `${game.host}/${tara.slug}/bell:1.1`
    const { namespace, kubeconfig } = tara
    const player = checked(
      { name: namespace, kubeconfig, reader: game.cluster.reader(namespace, tara.slug) },
      60,
    )
    await player.apply(podOf(namespace, image))
    const one = await player.found('image-not-found')
    assert.equal(one.object, 'Pod/pack')
    assert.match(
      one.text.en,
      /there is no image localhost:\d+\/p\w+\/bell:1\.1\. Is its name right, and its tag\?/,
    )
    assert.ok(!one.ours && !one.heals)
    await remove(tara)
  })

  test('a pod that names a digest runs it, whatever else the node knows the same image by', async () => {
    const layout = await packLayout('the same for both')
    // The node tells of what comes first by its name.
    const [first, last] = tara.slug < eve.slug ? [tara, eve] : [eve, tara]
    await first.push('twin:1', layout)
    const { manifest } = await last.push('twin:1', { ...layout, annotations: { by: 'the other' } })
    await start(first, `${game.host}/${first.slug}/twin:1`)
    const image = `${game.host}/${last.slug}/twin@${manifest.digest}`
    await start(last, image)
    const { namespace, kubeconfig } = last
    const one = { name: namespace, kubeconfig, reader: game.cluster.reader(namespace, last.slug) }
    const { containers } = await checked(one, 60).facts({ apiVersion: 'v1', kind: 'Pod', name: 'pack' })
    assert.deepEqual([containers[0]?.image, containers[0]?.digest], [image, manifest.digest])
    const { rows } = (await last.get('/workspace/images')) as Rows
    assert.deepEqual(rows.find(({ repository }) => repository === 'twin')?.usedBy, [
      { namespace, pod: 'pack' },
    ])
    await remove(last)
  })

  test('a pod that names a tag only keeps its image, though the node tells of it by a twin’s digest', async () => {
    const [first, last] = tara.slug < eve.slug ? [tara, eve] : [eve, tara]
    const { namespace } = last
    const told = await start(last, `${game.host}/${last.slug}/twin:1`)
    assert.match(told.status?.containerStatuses?.[0]?.imageID ?? '', new RegExp(`/${first.slug}/twin@`))
    const twins = async () => {
      const { rows } = (await last.get('/workspace/images')) as Rows
      return rows
        .filter(({ repository }) => repository === 'twin')
        .map(({ digest, tags, usedBy }) => ({ digest, tags, usedBy }))
    }
    const [old] = await twins()
    assert.ok(old)
    assert.deepEqual(old.usedBy, [{ namespace, pod: 'pack' }])
    await last.push('twin:1', await packLayout('another'))
    await until('both twins', 10, twins, (both) => both.length === 2)
    assert.deepEqual(
      (await twins()).find(({ digest }) => digest === old.digest),
      { ...old, tags: [] },
    )
    assert.deepEqual(await collected(), ['deleted 0'])
    assert.ok(await game.registry.images(last.slug).manifest('twin', old.digest, signal))
    await remove(last)
    assert.deepEqual((await collected()).slice(0, 2), [
      `delete  ${last.slug}/twin@${old.digest}  (no tag, no pod)`,
      'deleted 1',
    ])
  })
})
