import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../../src/board/cluster/types.ts'
import { ownerIn } from '../../../src/game/clusters.ts'
import { challengeOf } from '../../../src/game/game.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { queue } from '../../../src/game/judging/submit.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { imageOf, type BuiltImage } from '../../helpers/board/layout.ts'
import { applyObjects } from '../../helpers/board/objects.ts'
import { boardFor, installedCluster, uniqueName } from '../../helpers/cluster.ts'
import { wireTo, type Wire } from '../../helpers/proxy.ts'
import { putImage } from '../../helpers/push-image.ts'
import { lacksRegistry, startRegistryGame, type RegistryGame } from '../../helpers/registry.ts'
import { until } from '../../helpers/until.ts'

const fixtures = join(packageRoot(), 'test', 'fixtures')
const pushers = 50
const newcomers = 20

describe('A registry that is away for a while', { skip: lacksRegistry('3') || lacksBoard() }, () => {
  let folder: string
  let cluster: Cluster
  let game: RegistryGame
  let wire: Wire
  const joined: Registered[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shambhala-registry-outage-'))
    const file = boardFor((await openBoard()).kubeconfig)
    cluster = await installedCluster(file)
    const kubeconfig = join(folder, 'master.kubeconfig')
    await writeFile(kubeconfig, (await cluster.masterKubeconfig()).text, { mode: 0o600 })
    game = await startRegistryGame('3', {
      challenges: await huntOfBoth(join(folder, 'hunt')),
      clusters: file.clusters.map((settings) => ({ ...settings, kubeconfig })),
      way: async (port) => (wire = await wireTo(port)).port,
    })
    await putImage(game, 'hunt/hearth:1.0', await scroll({}))
  })
  after(async () => {
    wire.mend()
    await game.close()
    wire.close()
    for (const { slug } of joined) await cluster.remove(`hunt-${slug}`, ownerIn(game.game))
    cluster.close()
    await rm(folder, { recursive: true, force: true })
  })

  const sql = () => game.game.sql
  const submit = (playerId: string, slug: string) =>
    queue(game.game, {
      player: { playerId, slug },
      memberId: null,
      challenge: challengeOf(game.game, 'scroll'),
      trigger: 'api',
      receivedAt: new Date(),
      answer: null,
      snapshots: {},
    })
  const byApi = () => sql()<{ slug: string; status: string; verdict: string | null; attempt: number }[]>`
    select slug, status, verdict, attempt from submissions s join players p on p.id = s.player_id where trigger = 'api'`

  test('blames nobody, judges everything once when it is back, and keeps no namespace waiting', async () => {
    const players = await sql()<{ id: string; slug: string }[]>`
      insert into players (slug, name, skeleton)
      select 'p' || n, 'Player ' || n, 'p' || n from generate_series(1, ${pushers}) as n returning id, slug`
    const [plain, sealed] = [await scroll({}), await scroll({ seal: 'wax' })]
    const isSealed = (index: number) => index % 2 === 0
    const push = (index: number) => putImage(game, `p${index + 1}/scroll:1`, isSealed(index) ? sealed : plain)

    for (let index = 0; index < pushers / 2; index += 1) await push(index)
    wire.cut()
    // The players still reach it.
    for (let index = pushers / 2; index < pushers; index += 1) await push(index)
    for (const { id, slug } of players) await submit(id, slug)
    for (let count = 0; count < newcomers; count += 1) joined.push(await game.register(uniqueName()))
    await until('the submissions', 90, byApi, (all) =>
      all.every(({ status, attempt }) => status === 'done' || attempt >= 2),
    )
    await until('the submissions', 90, byApi, (all) => all.some(({ attempt }) => attempt >= 3))
    await until(
      'the workspaces',
      90,
      () => sql()<{ state: string }[]>`select state, reason from workspaces`,
      (all) => all.length === newcomers && all.every(({ state }) => state === 'ready'),
    )
    const away = await byApi()
    wire.mend()

    const judged = await until('the submissions', 90, byApi, (all) =>
      all.every(({ status }) => status === 'done'),
    )
    const waited = away.filter(({ status }) => status === 'waiting')
    assert.ok(waited.length >= pushers / 2)
    for (const { slug, verdict } of waited) assert.equal(verdict, 'inconclusive', slug)
    assert.equal(judged.length, pushers)
    for (const { slug, verdict } of judged)
      assert.equal(verdict, isSealed(Number(slug.slice(1)) - 1) ? 'passed' : 'failed', slug)
    const solves = await sql()`select player_id from solves where challenge_id = 'scroll'`
    assert.equal(solves.length, pushers / 2)
    assert.equal(new Set(solves.map((row) => String(row['playerId']))).size, pushers / 2)
    const doubled = await sql()`
      select submission_id from check_results group by submission_id having count(*) > 1`
    assert.deepEqual([...doubled], [])
    // What moved meanwhile was looked at as well: those who solved nothing yet have one submission more, and no second.
    const byPush = await until(
      'the looks at pushes',
      90,
      () => sql()<{ slug: string; verdict: string | null }[]>`
        select slug, verdict from submissions s join players p on p.id = s.player_id
        where trigger = 'image' and challenge_id = 'scroll'`,
      (all) => all.filter(({ verdict }) => verdict === 'failed').length === pushers / 2,
    )
    assert.equal(new Set(byPush.map(({ slug }) => slug)).size, byPush.length)
    await until(
      'the notes of images',
      90,
      () => sql()`select distinct player_id from registry_manifests where repository = 'scroll'`,
      (all) => all.length === pushers,
    )
    // Whom a stage hands images out gets them as well, and that is nobody's push.
    for (const { slug } of joined)
      await until(
        'the image that is handed out',
        90,
        () => game.registry.images(slug).tags('chest', AbortSignal.timeout(10_000)),
        ({ tags }) => tags.length === 1,
      )
    assert.deepEqual([...(await sql()`select 1 from submissions where challenge_id = 'chest'`)], [])
  })

  test('costs no push its own look, though the news of it came meanwhile', async () => {
    const [first] = await sql()<{ id: string }[]>`
      insert into players (slug, name, skeleton) values ('late', 'Late', 'late') returning id`
    wire.cut()
    await putImage(game, 'late/scroll:1', await scroll({ seal: 'late' }))
    // As long as the news waits for more of the same, and then some.
    await sleep(1500)
    wire.mend()
    await until(
      'the look at the push',
      90,
      () => sql()<{ trigger: string; verdict: string | null }[]>`
        select trigger, verdict from submissions where player_id = ${first?.id ?? ''}`,
      (all) => all.length === 1 && all[0]?.trigger === 'image' && all[0].verdict === 'passed',
    )
    await until(
      'the note of the image',
      90,
      () => sql()`
        select 1 from registry_manifests where player_id = ${first?.id ?? ''} and repository = 'scroll'`,
      (all) => all.length === 1,
    )
  })

  test('costs no change on the cluster its own look, where the stage needs both', async () => {
    const player = await game.register(uniqueName())
    joined.push(player)
    await until(
      'the workspaces',
      90,
      () => sql()<{ state: string }[]>`select state from workspaces where player_id = ${player.playerId}`,
      (all) => all[0]?.state === 'ready',
    )
    await putImage(game, `${player.slug}/scroll:1`, await scroll({}))
    const looks = () => sql()<{ trigger: string; verdict: string | null }[]>`
      select trigger, verdict from submissions
      where player_id = ${player.playerId} and challenge_id = 'both' order by id`
    await until('the looks', 90, looks, (all) => all.some(({ verdict }) => verdict === 'failed'))
    // What follows the registry would see the note, too, with its next look.
    await game.master.work?.registry?.close()
    wire.cut()
    const metadata = { name: 'note', namespace: `hunt-${player.slug}` }
    await applyObjects((await openBoard()).kubeconfig, [{ apiVersion: 'v1', kind: 'ConfigMap', metadata }])
    // As long as the news waits for more of the same, and then some.
    await sleep(1500)
    wire.mend()
    const seen = await until('the looks', 90, looks, (all) => all.some(({ verdict }) => verdict === 'passed'))
    assert.equal(seen.find(({ verdict }) => verdict === 'passed')?.trigger, 'cluster')
  })
})

/** Stages of images, of a namespace, and one that hands an image out. */
async function huntOfBoth(folder: string): Promise<string> {
  await cp(join(fixtures, 'hunt-registry'), folder, { recursive: true })
  for (const name of ['01-release', '02-note'])
    await cp(join(fixtures, 'hunt-cluster', name), join(folder, `9${name}`), { recursive: true })
  await cp(join(fixtures, 'hunt-images', '01-chest'), join(folder, '90-chest'), { recursive: true })
  await cp(join(fixtures, 'hunt-cluster', '02-note'), join(folder, '91-both'), { recursive: true })
  await writeFile(join(folder, '91-both', 'challenge.yaml'), both)
  return folder
}

const both = `id: both
title: { en: The note and the scroll, fr: Le mot et le rouleau }
teaser: { en: Have both., fr: Aie les deux. }
points: 50
checks:
  - name: { en: the scroll is there, fr: le rouleau est là }
    image: { repository: scroll, tag: '1' }
    expect:
      - that: image.found
        else: { en: There is no scroll., fr: Il n’y a pas de rouleau. }
  - name: { en: the note is there, fr: le mot est là }
    kubernetes: { apiVersion: v1, kind: ConfigMap, name: note }
    expect:
      - that: kubernetes.found
        else: { en: There is no note., fr: Il n’y a pas de mot. }
`

function scroll(labels: Record<string, string>): Promise<BuiltImage> {
  return imageOf({ layers: [[{ name: 'etc/motd', content: 'Read on.\n' }]], config: { Labels: labels } })
}
