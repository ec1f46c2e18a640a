import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { solveOf } from '../../../src/db/solves.ts'
import { listSubmissions } from '../../../src/db/submissions.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { glance } from '../../../src/game/triggers/glance.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { podStatus, readyPod, reportPods } from '../../helpers/board/kubelet.ts'
import { applyObjects, type PlainObject } from '../../helpers/board/objects.ts'
import { deploymentOf } from '../../helpers/board/workloads.ts'
import { startClusterGame, type ClusterGame } from '../../helpers/cluster.ts'
import { until } from '../../helpers/until.ts'

const minute = (at: number) => `2026-01-01T00:0${at}:00Z`
const ended = (at: number) => ({
  terminated: { exitCode: 1, reason: 'Error', startedAt: minute(at), finishedAt: minute(at) },
})
const pulling = (reason: string, message: string) => podStatus({ state: { waiting: { reason, message } } })

describe('A namespace that nobody touches', { skip: lacksBoard() }, () => {
  let game: ClusterGame
  let kubeconfig: string
  before(async () => {
    game = await startClusterGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-live') })
    ;({ kubeconfig } = await openBoard())
  })
  after(() => game.close())

  const apply = async ({ slug }: Registered, ...objects: PlainObject[]) => {
    const namespace = `hunt-${slug}`
    const there = objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }))
    await applyObjects(kubeconfig, there)
  }
  const report = ({ slug }: Registered, status: object) => reportPods(kubeconfig, `hunt-${slug}`, 1, status)
  const submissions = ({ playerId }: Registered) =>
    listSubmissions(game.game.sql, { playerId, challengeId: 'web', limit: 50 })
  /** As the watch and the rounds of every five minutes do, with time for the watch to do it, too. */
  const looked = async (player: Registered) => {
    await sleep(700)
    const seen = await glance(
      game.game,
      { ...player, playerName: null },
      'cluster',
      new AbortController().signal,
    )
    assert.deepEqual([seen.busy, seen.submitted], [false, []])
  }
  const broken = async (player: Registered) => {
    const image = 'board.local/no-such:1'
    await apply(player, deploymentOf({ container: { image } }))
    await report(player, pulling('ErrImagePull', `failed to pull ${image}: not found`))
    await until(
      'a verdict',
      30,
      () => submissions(player),
      ([one]) => one?.status === 'done',
    )
    // Between what was applied and what the kubelet reports of it, a look may have seen either.
    await sleep(1500)
    return (await submissions(player)).length
  }

  test('makes no verdict of an image that is pulled again and again, however its status words it', async () => {
    const kim = await game.registerReady()
    const count = await broken(kim)
    for (let round = 0; round < 3; round += 1) {
      await report(kim, pulling('ImagePullBackOff', `Back-off pulling image, round ${round}`))
      await looked(kim)
      await report(kim, pulling('ErrImagePull', `failed to pull, try ${round}: not found`))
      await looked(kim)
    }
    assert.equal((await submissions(kim)).length, count)
    // What the player does is seen at once, also where it is still wrong.
    await apply(kim, deploymentOf({ container: { image: 'board.local/no-such:2' } }))
    await reportPods(kubeconfig, `hunt-${kim.slug}`, 2, pulling('ErrImagePull', 'failed to pull: not found'))
    await until(
      'the verdict of the change',
      30,
      () => submissions(kim),
      (all) => all.length > count,
    )
  })

  test('makes no verdict of a program that ends and is started again, round after round', async () => {
    const ann = await game.registerReady()
    await apply(ann, deploymentOf())
    const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }
    await report(ann, podStatus({ restarts: 10, state: backOff, lastState: ended(0) }))
    await until(
      'a verdict',
      30,
      () => submissions(ann),
      ([one]) => one?.status === 'done',
    )
    await sleep(1500)
    const count = (await submissions(ann)).length
    for (let restarts = 11; restarts < 14; restarts += 1) {
      await report(ann, podStatus({ restarts, state: ended(restarts - 10), lastState: ended(restarts - 11) }))
      await looked(ann)
      await report(ann, podStatus({ restarts, state: backOff, lastState: ended(restarts - 10) }))
      await looked(ann)
    }
    assert.equal((await submissions(ann)).length, count)
  })

  test('is judged at once when what ailed it heals, though nobody touched what is looked at', async () => {
    const ida = await game.registerReady()
    await broken(ida)
    await report(ida, readyPod)
    const healedAt = new Date()
    const { solvedAt } = await until('the solve', 30, () => solveOf(game.game.sql, ida.playerId, 'web'))
    assert.ok(solvedAt.getTime() - healedAt.getTime() < 20_000)
  })

  test('makes one verdict of one change', async () => {
    const ben = await game.registerReady()
    const page = (word: string): PlainObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'page' },
      data: { word },
    })
    const pages = () =>
      listSubmissions(game.game.sql, { playerId: ben.playerId, challengeId: 'page', limit: 50 })
    await apply(ben, page('wrong'))
    await until('a verdict', 30, pages, ([one]) => one?.status === 'done')
    await apply(ben, page('wrong again'))
    const look = () =>
      glance(game.game, { ...ben, playerName: null }, 'cluster', new AbortController().signal)
    await look()
    await until(
      'both verdicts',
      30,
      pages,
      (all) => all.length === 2 && all.every(({ status }) => status === 'done'),
    )
    await look()
    assert.equal((await pages()).length, 2)
  })
})
