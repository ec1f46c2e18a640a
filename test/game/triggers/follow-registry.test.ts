import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listSubmissions } from '../../../src/db/submissions.ts'
import { storedImages } from '../../../src/db/registry-images.ts'
import { registryUse } from '../../../src/db/registry-use.ts'
import { createRegistryFollower } from '../../../src/game/triggers/follow-registry.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { openClients, type Clients } from '../../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, type RegistryGame } from '../../helpers/registry.ts'
import { until } from '../../helpers/until.ts'

describe('A push of an image', { skip: lacksRegistry('3') || lacksTools('buildah') }, () => {
  let game: RegistryGame
  let clients: Clients
  let tara: Registered

  before(async () => {
    game = await startRegistryGame('3', {
      challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-registry'),
    })
    clients = await openClients()
    tara = await game.register('Tara')
    await run(`b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}`)
  })
  after(async () => {
    clients.remove()
    await game.close()
  })

  const run = (command: string) => clients.must(command)
  const push = (name: string, label = '') =>
    run(
      `c=$(b from scratch); b config ${label === '' ? '' : `--label ${label}`} $c; b commit $c x; b push --tls-verify=false x ${game.host}/${tara.slug}/${name}`,
    )
  const submissions = async (challengeId: string) =>
    (await listSubmissions(game.game.sql, { playerId: tara.playerId, challengeId, limit: 20 })).filter(
      ({ status }) => status === 'done',
    )

  test('is judged at once, fails for what lacks, and solves the stage when it is right', async () => {
    await push('scroll:1')
    const [first] = await until(
      'the submissions',
      30,
      () => submissions('scroll'),
      (all) => all.length === 1,
    )
    assert.deepEqual([first?.trigger, first?.verdict], ['image', 'failed'])
    await push('scroll:1', 'seal=wax')
    const all = await until(
      'the submissions',
      30,
      () => submissions('scroll'),
      (seen) => seen.length === 2,
    )
    assert.ok(all.some(({ verdict }) => verdict === 'passed'))
  })
  test('of nothing that the stage asks for makes no submission', async () => {
    await push('other:1')
    await until(
      'the images',
      30,
      () => storedImages(game.game.sql, tara.playerId),
      (all) => all.some(({ repository }) => repository === 'other'),
    )
    await sleep(500)
    assert.equal((await submissions('chain')).length, 0)
  })
  test('ends a chain that began with a commit', async () => {
    await run(
      `git clone -q ${game.cloneUrl(tara, 'chain')} chain; cd chain; echo more > more; git add more; git commit -qm more; git push -q`,
    )
    await until(
      'the submissions',
      30,
      () => submissions('chain'),
      (all) => all.some(({ trigger, verdict }) => trigger === 'push' && verdict === 'failed'),
    )
    const head = await run('git -C chain rev-parse HEAD')
    await push('chain:1', `revision=${head}`)
    await until(
      'the submissions',
      30,
      () => submissions('chain'),
      (all) => all.some(({ trigger, verdict }) => trigger === 'image' && verdict === 'passed'),
    )
  })
  test('of which no notification came is found all the same', async () => {
    await game.game.sql`delete from registry_manifests`
    await game.game.sql`delete from registry_use`
    // Another master takes over the slow round.
    await game.master.work?.registry?.close()
    const follower = createRegistryFollower(game.game, game.registry)
    follower.start()
    try {
      const images = await until(
        'the images',
        30,
        () => storedImages(game.game.sql, tara.playerId),
        (all) => all.length === 3,
      )
      assert.deepEqual(images.map(({ repository }) => repository).sort(), ['chain', 'other', 'scroll'])
      await until(
        'the use',
        30,
        () => registryUse(game.game.sql, tara.playerId),
        (use) => use.bytes > 0,
      )
    } finally {
      await follower.close()
    }
  })
})
