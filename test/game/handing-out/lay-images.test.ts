import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { repositoriesOf } from '../../../src/db/repositories.ts'
import { registryUse } from '../../../src/db/registry-use.ts'
import { claimImages, layingsOf, postponeImages } from '../../../src/db/starter-images.ts'
import { listSubmissions } from '../../../src/db/submissions.ts'
import { challengeOf, type Game } from '../../../src/game/game.ts'
import { glance } from '../../../src/game/triggers/glance.ts'
import { layImages } from '../../../src/game/handing-out/lay-images.ts'
import { leave } from '../../../src/game/people/leave.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf } from '../../helpers/api.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { imageOf, type BuiltImage } from '../../helpers/board/layout.ts'
import { pushHearth } from '../../helpers/hearth.ts'
import { openJar } from '../../helpers/jar.ts'
import { lookAtImage } from '../../helpers/look-image.ts'
import { wireTo, type Wire } from '../../helpers/proxy.ts'
import { putImage } from '../../helpers/push-image.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../../helpers/registry.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-images')
const signal = () => AbortSignal.timeout(20_000)

for (const version of versions) {
  const skip = lacksRegistry(version) || lacksTools('skopeo')
  describe(`Images that a stage hands out, in a registry ${version}`, { skip }, () => {
    let game: RegistryGame
    let wire: Wire
    let shell: Shell
    let tara: Registered
    let hearth: BuiltImage

    before(async () => {
      const way = async (port: number) => (wire = await wireTo(port)).port
      game = await startRegistryGame(version, { challenges, way })
      shell = openShell()
      hearth = await pushHearth(game)
      tara = await game.register('O\'Tara: "x" {#1} & *')
      await laid(tara, 'chest')
    })
    after(async () => {
      wire.mend()
      shell.remove()
      await game.close()
      wire.close()
    })

    const laid = (player: Registered, id: string) =>
      until(
        'the layings',
        60,
        () => layingsOf(game.game.sql, player.playerId),
        (layings) => layings.laid.has(id),
      )
    const images = (player = tara) => game.registry.images(player.slug)
    const digestOf = async (player = tara) =>
      (await images(player).manifest('chest', '1.0', signal()))?.digest ?? null
    const judged = async (player = tara) => {
      const filter = { playerId: player.playerId, challengeId: 'chest', limit: 20 }
      return (await listSubmissions(game.game.sql, filter)).map(({ verdict }) => verdict)
    }
    /** As the notifications and the reading of every five minutes do. */
    const lookAgain = (player = tara) =>
      glance(game.game, { ...player, playerName: player.name }, 'image', signal())
    const pushChest = async (labels: Record<string, string>, player = tara) => {
      const image = await imageOf({ layers: [[{ name: 'own', content: 'x' }]], config: { Labels: labels } })
      const caller = { kind: 'player', slug: player.slug } as const
      await putImage(game, `${player.slug}/chest:1.0`, image, caller)
      return image.manifest.digest
    }
    const keyOf = async (player = tara) => {
      const { layerFiles } = (
        await lookAtImage(images(player), {
          repository: 'chest',
          tag: '1.0',
          files: ['etc/key'],
          everyLayer: true,
        })
      ).facts
      return layerFiles['etc/key']?.[0]?.text
    }

    test('are pulled by a client, on top of their base and with the player’s own values', async () => {
      const copy = `skopeo copy --src-tls-verify=false --src-creds ${tara.slug}:${tara.token}`
      const ran = await shell.run(
        `${copy} docker://${game.host}/${tara.slug}/chest:1.0 dir:chest >&2 && cat chest/manifest.json`,
      )
      assert.equal(ran.code, 0, ran.stderr)
      const { layers } = JSON.parse(ran.stdout) as { layers: { digest: string; mediaType: string }[] }
      assert.deepEqual(
        layers.map(({ mediaType }) => mediaType),
        Array.from({ length: 3 }, () => 'application/vnd.oci.image.layer.v1.tar+gzip'),
      )
      assert.equal(layers[0]?.digest, hearth.layers[0]?.digest)
      const [, second = '', third = ''] = layers.map(({ digest }) => digest.replace('sha256:', 'chest/'))
      const out = async (command: string) => (await shell.run(command)).stdout
      assert.equal(await out(`tar xzOf ${second} root/ferry.key`), tara.name)
      assert.match(await out(`tar xzOf ${second} bin/open`), /^#!\/bin\/sh\necho [0-9a-f]{12}\n$/)
      assert.match(
        await out(`tar tvzf ${second} --numeric-owner`),
        /drwxr-xr-x 0\/0 +0 2021-03-01 \S+ root\/\n/,
      )
      assert.match(await out(`tar tvzf ${second}`), /-rwxr-xr-x \S+ +\d+ 2021-03-01 \S+ bin\/open\n/)
      assert.equal(await out(`tar tzf ${third}`), 'root/.wh.ferry.key\n')
    })

    test('hold what a layer deleted in the layer below, and nowhere for who runs them', async () => {
      const spec = { repository: 'chest', tag: '1.0', files: ['root/ferry.key', 'bin/sh', 'etc/key'] }
      const { facts } = await lookAtImage(images(), { ...spec, everyLayer: true })
      assert.equal(facts.files['root/ferry.key']?.found, false)
      assert.deepEqual(
        facts.layerFiles['root/ferry.key']?.map(({ text, layer }) => [text, layer]),
        [[tara.name, 1]],
      )
      assert.equal(facts.files['bin/sh']?.text, 'amd64')
      const { user, env, cmd, labels, ports, workdir } = facts.config
      assert.deepEqual([user, env, cmd], ['1000', { PATH: '/bin', SEAL: 'wax' }, ['sh']])
      assert.deepEqual([labels, ports, workdir], [{ seal: 'wax' }, ['8080/tcp'], '/etc'])
      assert.deepEqual(
        facts.history.slice(-3).map(({ createdBy, empty }) => [createdBy, empty]),
        [
          ['COPY ferry.key /root/ferry.key', false],
          ['RUN rm /root/ferry.key', false],
          ['LABEL seal=wax', true],
        ],
      )
    })

    test('are no submission, count as the player’s, and are those of nobody else', async () => {
      assert.deepEqual(await lookAgain(), { busy: false, unclear: false, submitted: [] })
      assert.deepEqual(await judged(), [])
      assert.ok(((await registryUse(game.game.sql, tara.playerId))?.bytes ?? 0) > 500)
      const pema = await game.register('Pema')
      await laid(pema, 'chest')
      assert.notEqual(await keyOf(pema), await keyOf())
      await leave(game.game, pema)
      assert.deepEqual(await images(pema).tags('chest', signal()), { tags: [], truncated: false })
    })

    test('come back byte for byte when the stage starts again, which says what is lost', async () => {
      const first = await digestOf()
      assert.notEqual(await pushChest({}), first)
      await until('the verdict', 60, judged, ([verdict]) => verdict === 'failed')
      const jar = await openJar(game.url, tara.name)
      const page = await jar.get('/hunt/chest')
      assert.match(page.text, /In your registry path, chest:1\.0 is laid anew/)
      assert.equal((await jar.send(page, '/hunt/chest/reset')).status, 200)
      assert.equal(await digestOf(), first)
      assert.deepEqual((await lookAgain()).submitted, [])
      assert.equal((await judged()).length, 1)

      await game.registry.remove(tara.slug, 'chest', first ?? '')
      assert.equal(await digestOf(), null)
      const ask = apiOf(game.url)
      const { status, body } = await ask('POST', '/challenges/chest/reset', { token: tara.token })
      assert.deepEqual([status, body], [202, { repository: null, images: ['chest:1.0'] }])
      assert.equal(await digestOf(), first)
    })

    test('make no submission of a look that comes upon them half laid, or is overtaken', async () => {
      const { sql } = game.game
      const claim = () => claimImages(sql, tara.playerId, 'chest', { seconds: 60, anew: true })
      const before = await judged()
      await claim()
      await pushChest({ half: 'laid' })
      assert.deepEqual((await lookAgain()).busy, true)
      await postponeImages(sql, tara.playerId, 'chest')
      assert.deepEqual((await lookAgain()).submitted, [])
      assert.ok(await layImages(game.game, tara, challengeOf(game.game, 'chest'), { anew: true }))

      const overtaken = withLook(game.game, async () => {
        await claim()
        await pushChest({ half: 'laid again' })
      })
      const seen = await glance(overtaken, { ...tara, playerName: tara.name }, 'image', signal())
      assert.deepEqual(seen, { busy: true, unclear: false, submitted: [] })
      await postponeImages(sql, tara.playerId, 'chest')
      assert.ok(await layImages(game.game, tara, challengeOf(game.game, 'chest'), { anew: true }))
      assert.deepEqual(await judged(), before)
    })

    test('are laid by one of two who do it at once', async () => {
      const both = [1, 2].map(() =>
        layImages(game.game, tara, challengeOf(game.game, 'chest'), { anew: true }),
      )
      assert.deepEqual((await Promise.all(both)).sort(), [false, true])
      assert.equal(await layImages(game.game, tara, challengeOf(game.game, 'chest')), false)
    })

    test('follow by themselves where the registry was away, without keeping anybody waiting', async () => {
      wire.cut()
      const dolma = await game.register('Dolma')
      assert.deepEqual(await repositoriesOf(game.game.sql, dolma.playerId), ['rope'])
      await until(
        'the layings',
        60,
        () => layingsOf(game.game.sql, dolma.playerId),
        ({ busy, rounds }) => !busy && rounds > 1,
      )
      const ask = apiOf(game.url)
      const refused = await ask('POST', '/challenges/chest/reset', { token: tara.token })
      assert.deepEqual([refused.status, refused.body.code], [503, 'images-later'])
      wire.mend()
      await laid(dolma, 'chest')
      await laid(tara, 'chest')
      assert.notEqual(await keyOf(dolma), await keyOf())
      assert.deepEqual(await judged(dolma), [])
    })

    test('of the next stage are there when the player reads that it is open', async () => {
      await pushChest({ clean: 'yes' })
      await until('the verdict', 60, judged, ([verdict]) => verdict === 'passed')
      assert.deepEqual(await images().tags('cell/door', signal()), { tags: ['latest'], truncated: false })
      assert.equal((await lookAtImage(images(), { repository: 'cell/door' })).facts.layers.count, 1)
    })
  })
}

/** The same game, where something happens just before the registry is looked into. */
function withLook(game: Game, first: () => Promise<void>): Game {
  const { registry } = game.board
  assert.ok(registry)
  const images = (slug: string) => {
    const reader = registry.images(slug)
    const manifest: typeof reader.manifest = async (...asked) => {
      await first()
      return await reader.manifest(...asked)
    }
    return { ...reader, manifest }
  }
  return { ...game, board: { ...game.board, registry: { ...registry, images } } }
}
