import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listSubmissions } from '../../../src/db/submissions.ts'
import { storedImages } from '../../../src/db/registry-images.ts'
import { registryUse } from '../../../src/db/registry-use.ts'
import { createRegistryFollower, type RegistryFollower } from '../../../src/game/triggers/follow-registry.ts'
import { readRegistry } from '../../../src/game/registry/read.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { imageOf } from '../../helpers/board/layout.ts'
import { wireTo, type Wire } from '../../helpers/proxy.ts'
import { putImage } from '../../helpers/push-image.ts'
import { basic, tokenAt, uploadBlob } from '../../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, type RegistryGame } from '../../helpers/registry.ts'
import { until } from '../../helpers/until.ts'

const often = { reconcileMs: 200, leadMs: 100 }

describe('A push of which no notification came', { skip: lacksRegistry('3') }, () => {
  let game: RegistryGame
  let wire: Wire
  let follower: RegistryFollower

  before(async () => {
    game = await startRegistryGame('3', {
      challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-registry'),
      way: async (port) => (wire = await wireTo(port)).port,
    })
    // What hears of notifications is closed; the one that reads every path hears of none.
    await game.master.work?.registry?.close()
  })
  after(async () => {
    await follower.close()
    await game.close()
    wire.close()
  })

  const submissionsOf = async (playerId: string, verdicts: string[]) => {
    const done = async () => {
      const all = await listSubmissions(game.game.sql, { playerId, challengeId: 'scroll', limit: 9 })
      return all.map(({ trigger, verdict }) => `${trigger} ${verdict ?? ''}`).reverse()
    }
    await until(verdicts.join(', '), 20, done, (seen) => seen.join() === verdicts.join())
  }
  const push = async (slug: string, labels: Record<string, string>) =>
    putImage(
      game,
      `${slug}/scroll:1`,
      await imageOf({ layers: [[{ name: 'a', content: 'a' }]], config: { Labels: labels } }),
    )

  test('is judged when the paths are read again, once, also if the registry was away just then', async () => {
    const tara = await game.register('Tara')
    wire.cut()
    follower = createRegistryFollower(game.game, game.registry, often)
    follower.start()
    await push(tara.slug, {})
    await sleep(often.reconcileMs * 2)
    wire.mend()
    await submissionsOf(tara.playerId, ['image failed'])
    await sleep(often.reconcileMs * 5)
    await submissionsOf(tara.playerId, ['image failed'])
    await push(tara.slug, { seal: 'wax' })
    await submissionsOf(tara.playerId, ['image failed', 'image passed'])
  })
  test('is not waited for longer because the registry could not be read when its turn came', async () => {
    await follower.close()
    const bob = await game.register('Bob')
    await push(bob.slug, { seal: 'wax' })
    wire.cut()
    follower = createRegistryFollower(game.game, game.registry, { ...often, reconcileMs: 300_000 })
    follower.start()
    await sleep(often.leadMs * 5)
    wire.mend()
    await submissionsOf(bob.playerId, ['image passed'])
  })
  test('takes nothing from the notification that comes while all paths are read again', async () => {
    await follower.close()
    const eve = await game.register('Eve')
    await push(eve.slug, {})
    const authorization = basic(eve.slug, eve.token)
    const scope = `repository:${eve.slug}/scroll:pull,push`
    const { body } = await tokenAt(game, `scope=${scope}`, { authorization })
    const layer = { repository: `${eve.slug}/scroll`, bytes: Buffer.alloc(5000, 'x') }
    const { digest, size } = await uploadBlob(game, body, layer)
    follower = createRegistryFollower(game.game, game.registry, { ...often, reconcileMs: 300_000 })
    follower.moved({ slug: eve.slug, repository: 'scroll', of: 'blob', digest })
    follower.start()
    await until(
      'the loose blob',
      20,
      () => registryUse(game.game.sql, eve.playerId),
      (use) => use.loose === size,
    )
  })
  test('comes before those that wait for their next try', async () => {
    await follower.close()
    const crowd: string[] = []
    for (let index = 0; index < 8; index += 1) crowd.push((await game.register(`Crowd ${index}`)).slug)
    const zoe = await game.register('Zoe')
    const { registry } = game
    let hung = 0
    const slow: typeof registry = {
      ...registry,
      images: (slug) => {
        const images = registry.images(slug)
        const tags: typeof images.tags = async (repository, signal) => {
          if (!crowd.includes(slug)) return await images.tags(repository, signal)
          hung += 1
          return await new Promise((_, reject) => {
            // The first try fails at once, those after it never end.
            const fail = () => reject(new Inconclusive('the registry went away'))
            if (hung <= crowd.length) fail()
            else signal.addEventListener('abort', fail)
          })
        }
        return { ...images, tags }
      },
    }
    follower = createRegistryFollower(game.game, slow, often)
    for (const slug of crowd) follower.moved({ slug, repository: 'scroll', of: 'blob', digest: null })
    await until('the tries of the crowd', 60, () => hung >= crowd.length + 4)
    await push(zoe.slug, {})
    follower.moved({ slug: zoe.slug, repository: 'scroll', of: 'manifest', digest: null })
    await submissionsOf(zoe.playerId, ['image failed'])
  })
  test('is counted with all that could be read, also if the registry goes away amid it', async () => {
    await follower.close()
    const mia = await game.register('Mia')
    await push(mia.slug, {})
    const { registry } = game
    const away: typeof registry = {
      ...registry,
      images: (slug) => {
        const images = registry.images(slug)
        const tags: typeof images.tags = async (repository, signal) => {
          if (repository === 'vase') throw new Inconclusive('the registry went away')
          return await images.tags(repository, signal)
        }
        return { ...images, tags }
      },
    }
    const player = { playerId: mia.playerId, slug: mia.slug, playerName: mia.name }
    const none = { manifests: new Set<string>(), blobs: new Set<string>() }
    const hints = new Map([
      ['scroll', none],
      ['vase', none],
    ])
    await assert.rejects(readRegistry(game.game, away, player, hints, AbortSignal.timeout(5000)), /went away/)
    const [image] = await storedImages(game.game.sql, mia.playerId)
    assert.equal((await registryUse(game.game.sql, mia.playerId))?.bytes, image?.bytes)
  })
})
