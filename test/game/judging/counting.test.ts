import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { join } from 'node:path'
import type { RepositoryReader } from '../../../src/board/forge/types.ts'
import { solveOf } from '../../../src/db/solves.ts'
import { listSubmissions, submissionById } from '../../../src/db/submissions.ts'
import { submit } from '../../../src/game/judging/submit.ts'
import { waitForLook } from '../../../src/game/judging/wait.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { setPause, setWindow } from '../../../src/game/upkeep/desk.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { podStatus, readyPod, reportPods } from '../../helpers/board/kubelet.ts'
import { applyObjects, type PlainObject } from '../../helpers/board/objects.ts'
import { deploymentOf } from '../../helpers/board/workloads.ts'
import { startClusterGame, uniqueName, type ClusterGame } from '../../helpers/cluster.ts'
import { openJar } from '../../helpers/jar.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'
import { releaseJson, storedRelease } from '../../helpers/stored-release.ts'
import { until } from '../../helpers/until.ts'

describe(
  'What is read live counts from the first look that saw it as it passed',
  { skip: lacksBoard() },
  () => {
    let game: ClusterGame
    let shell: Shell
    let kubeconfig: string
    before(async () => {
      game = await startClusterGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-live') })
      shell = openShell()
      ;({ kubeconfig } = await openBoard())
    })
    after(async () => {
      shell.remove()
      await game.close()
    })

    afterEach(async () => {
      const { memberId } = await game.register(uniqueName())
      await setPause(game.game, memberId, false)
      await setWindow(game.game, memberId, {})
    })

    const apply = async ({ slug }: Registered, ...objects: PlainObject[]) => {
      const namespace = `hunt-${slug}`
      const there = objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }))
      await applyObjects(kubeconfig, there)
    }
    const report = ({ slug }: Registered, status: object) => reportPods(kubeconfig, `hunt-${slug}`, 1, status)
    const page = (name: string, data: Record<string, string> = {}): PlainObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data,
    })
    const submissions = ({ playerId }: Registered, challengeId: string) =>
      listSubmissions(game.game.sql, { playerId, challengeId, limit: 20 })
    const solved = ({ playerId }: Registered, challengeId: string) =>
      until(`the solve of ${challengeId}`, 90, () => solveOf(game.game.sql, playerId, challengeId))
    const passed = (player: Registered, challengeId: string) =>
      until('a passed verdict', 90, async () =>
        (await submissions(player, challengeId)).find(({ verdict }) => verdict === 'passed'),
      )
    const check = (player: Registered, challengeId: string) =>
      submit(game.game, { player, memberId: player.memberId, challengeId, trigger: 'button' })
    const starting = podStatus({ state: { waiting: { reason: 'ContainerCreating' } } })
    /** A rollout that is given a day: what is asked of it is not there, and nothing says that it never will be. */
    const endless = () => {
      const { spec, ...rest } = deploymentOf()
      return { ...rest, spec: { ...(spec as object), progressDeadlineSeconds: 86400 } }
    }
    const heldOpen = async (player: Registered) => {
      await apply(player, endless())
      await report(player, starting)
      return await until('a submission that is held open', 90, async () =>
        (await submissions(player, 'web')).find(({ waitsUntil }) => waitsUntil),
      )
    }

    test('a rollout that was held open and repaired later ranks after the player who was right in between', async () => {
      const [eve, ann] = [await game.registerReady(), await game.registerReady()]
      const held = await heldOpen(eve)
      await apply(ann, deploymentOf())
      await report(ann, readyPod)
      const honest = await solved(ann, 'web')
      const repairedAt = new Date()
      await report(eve, readyPod)
      const late = await solved(eve, 'web')
      assert.equal(late.submissionId, held.id, 'it is the submission that waited')
      assert.ok(late.solvedAt > honest.solvedAt)
      assert.ok(late.solvedAt >= repairedAt)
      await until(
        'the ranks',
        10,
        () => [eve, ann].map(({ slug }) => game.game.leaderboard.standings.rankOfSlug(slug)),
        ([last, first]) => first === 1 && last === 2,
      )
    })

    test('what is repaired after the end is right, does not score, and the page says why', async () => {
      const eve = await game.registerReady()
      const held = await heldOpen(eve)
      await setWindow(game.game, eve.memberId, { end: new Date().toISOString() })
      await report(eve, readyPod)
      const { id } = held
      await until(
        'the verdict of what waited',
        30,
        () => submissionById(game.game.sql, id),
        ({ verdict }) => verdict === 'passed',
      )
      assert.equal(await solveOf(game.game.sql, eve.playerId, 'web'), undefined)
      const browser = await openJar(game.url, eve.slug)
      const { text } = await browser.get('/hunt/web')
      assert.match(text, /Right, but first seen so at/)
      assert.match(text, /The hunt ended at/)
      assert.doesNotMatch(text, /It was solved before/)
    })

    test('a Helm that was killed in the middle keeps no earlier time for the release that was put right later', async () => {
      const eve = await game.registerReady()
      const namespace = `hunt-${eve.slug}`
      const release = (version: number, status: string) => {
        const info = { ...(releaseJson()['info'] as object), status }
        return storedRelease(releaseJson({ name: 'bell', namespace, version, info }))
      }
      await apply(eve, release(1, 'pending-install'))
      await until(
        'a submission',
        30,
        () => submissions(eve, 'bell'),
        (all) => all.some(({ status }) => status === 'waiting' || status === 'done'),
      )
      const repairedAt = new Date()
      await apply(eve, release(1, 'deployed'))
      const { solvedAt } = await solved(eve, 'bell')
      assert.ok(solvedAt >= repairedAt)
    })

    test('while something is under way the page says what, and until when it is waited for', async () => {
      const kim = await game.registerReady()
      const held = await heldOpen(kim)
      assert.ok(held.waitsUntil && held.waitsUntil > new Date())
      const browser = await openJar(game.url, kim.slug)
      const { text } = await browser.get('/hunt/web')
      assert.match(text, /Still under way: .*web/)
      assert.match(text, /As it stands, it is judged at/)
      await report(kim, readyPod)
      const done = await passed(kim, 'web')
      assert.deepEqual([done.waitsFor, done.countsFrom !== null], [null, true])
    })

    test('of commits and what runs the later counts, and a push after both counts from its receipt', async () => {
      const [ida, ben] = [await game.registerReady(), await game.registerReady()]
      const push = ({ slug }: Registered, url: string) =>
        shell.run(
          `git clone -q ${url} ${slug} && cd ${slug} && git commit -qm more --allow-empty && git push -q`,
        )
      await apply(ida, page('link'))
      await until('a verdict', 90, async () => (await submissions(ida, 'chain'))[0]?.status === 'done')
      assert.equal((await push(ida, game.cloneUrl(ida, 'chain'))).code, 0)
      const first = await passed(ida, 'chain')
      assert.deepEqual([first.trigger, first.countsFrom], ['push', first.receivedAt])
      assert.deepEqual((await solved(ida, 'chain')).solvedAt, first.receivedAt)

      assert.equal((await push(ben, game.cloneUrl(ben, 'chain'))).code, 0)
      const linkedAt = new Date()
      await apply(ben, page('link'))
      assert.ok((await solved(ben, 'chain')).solvedAt >= linkedAt)
    })

    test('what changes during a pause makes a verdict when the hunt goes on, and counts from then for everybody', async () => {
      const [ida, ben] = [await game.registerReady(), await game.registerReady()]
      await setPause(game.game, ida.memberId, true)
      await apply(ida, page('page', { word: 'right' }))
      const sightings = () =>
        game.game.sql`select 1 from sightings where player_id = ${ida.playerId} and state is not null`
      await until('a look during the pause', 20, sightings, ({ length }) => length === 1)
      await apply(ben, page('page', { word: 'right' }))
      assert.equal((await submissions(ida, 'page')).length, 0)
      const resumedAt = new Date()
      await setPause(game.game, ida.memberId, false)
      const times = [(await solved(ida, 'page')).solvedAt, (await solved(ben, 'page')).solvedAt]
      const [pause] = await game.game.sql<{ untilAt: Date }[]>`
        select until_at from pauses order by from_at desc limit 1`
      assert.deepEqual(times[0], pause?.untilAt)
      assert.ok(times.every((at) => at >= resumedAt))
    })

    test('what is right on the cluster before the start is judged when the hunt starts', async () => {
      const ida = await game.registerReady()
      const start = new Date(Date.now() + 5000)
      await setWindow(game.game, ida.memberId, { start: start.toISOString() })
      await apply(ida, page('page', { word: 'right' }))
      assert.ok((await solved(ida, 'page')).solvedAt >= start)
    })

    /** Git repositories cannot be read until it is called: no real disk fails on demand, and comes back. */
    const breakGit = () => {
      const { forge } = game.game.board
      assert.ok(forge)
      const reader = forge.reader.bind(forge)
      const away = () => Promise.reject(new Inconclusive('the disk is away'))
      forge.reader = (repository): RepositoryReader => ({
        ...reader(repository),
        git: away,
        info: away,
        contents: away,
      })
      return () => (forge.reader = reader)
    }
    const committed = async (player: Registered) => {
      const url = game.cloneUrl(player, 'chain')
      const done = await shell.run(
        `git clone -q ${url} ${player.slug} && cd ${player.slug} && git commit -qm more --allow-empty && git push -q`,
      )
      assert.equal(done.code, 0, done.stderr)
      await until('a verdict', 90, async () => (await submissions(player, 'chain'))[0]?.status === 'done')
    }
    /** Right on the cluster and seen so before the end, while our side cannot read commits until after it. */
    const seenBeforeTheEnd = async (player: Registered) => {
      await committed(player)
      const mend = breakGit()
      try {
        await apply(player, page('link'))
        const id = await check(player, 'chain')
        await waitForLook(game.game, id, 20_000)
        assert.equal((await submissionById(game.game.sql, id))?.verdict, 'inconclusive')
      } finally {
        await setWindow(game.game, player.memberId, { end: new Date().toISOString() })
        mend()
      }
    }

    test('what a look saw right before the end counts, though our side could judge it only after the end', async () => {
      const joe = await game.registerReady()
      await seenBeforeTheEnd(joe)
      const { end } = game.game.settings.window
      const { solvedAt } = await solved(joe, 'chain')
      assert.ok(end && solvedAt < end)
    })

    test('what was changed after the end counts from the change, however right it was before', async () => {
      const eve = await game.registerReady()
      await seenBeforeTheEnd(eve)
      await apply(eve, page('link', { changed: 'after the end' }))
      const { countsFrom } = await passed(eve, 'chain')
      const { end } = game.game.settings.window
      assert.ok(end && countsFrom && countsFrom >= end)
      assert.equal(await solveOf(game.game.sql, eve.playerId, 'chain'), undefined)
    })
  },
)
