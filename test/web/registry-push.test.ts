import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { storedImages } from '../../src/db/registry-images.ts'
import { registryUse } from '../../src/db/registry-use.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { lacksClients, openClients, type Clients } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'

for (const version of versions) {
  describe(
    `What a player pushes to Distribution ${version}`,
    { skip: lacksRegistry(version) || lacksClients() },
    () => {
      let game: RegistryGame
      let clients: Clients
      let tara: Registered

      before(async () => {
        game = await startRegistryGame(version, { images: '1Mi' })
        clients = await openClients()
        tara = await game.register('Tara')
      })
      after(async () => {
        clients.remove()
        await game.close()
      })

      test('buildah logs in and pushes at the first try, and the page knows it', async () => {
        await clients.must(`b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}`)
        await clients.must(
          `c=$(b from scratch); b copy $c etc /etc; b commit $c scroll; b push --tls-verify=false scroll ${game.host}/${tara.slug}/scroll:1`,
        )
        const images = await until(
          'the images',
          20,
          () => storedImages(game.game.sql, tara.playerId),
          (all) => all.length > 0,
        )
        assert.deepEqual(
          images.map(({ repository, tag }) => ({ repository, tag })),
          [{ repository: 'scroll', tag: '1' }],
        )
        assert.ok((images[0]?.bytes ?? 0) > 100)
      })
      test('skopeo, crane and both Helms do so too', async () => {
        await clients.must(
          'mkdir chart && printf "apiVersion: v2\\nname: lamp\\nversion: 0.1.0\\n" > chart/Chart.yaml',
        )
        const { host } = game
        const path = `${host}/${tara.slug}`
        await clients.must(
          `skopeo login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${host}; skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://${path}/scroll:1 docker://${path}/copied:2`,
        )
        await clients.must(
          `crane auth login ${host} -u ${tara.slug} -p ${tara.token}; crane copy --insecure ${path}/scroll:1 ${path}/craned:3`,
        )
        await clients.must(
          `helm3 registry login --plain-http ${host} -u ${tara.slug} -p ${tara.token}; helm3 package chart; helm3 push --plain-http lamp-0.1.0.tgz oci://${path}`,
        )
        await clients.must(
          `sed -i s/0.1.0/0.2.0/ chart/Chart.yaml; helm4 registry login --plain-http ${host} -u ${tara.slug} -p ${tara.token}; helm4 package chart; helm4 push --plain-http lamp-0.2.0.tgz oci://${path}`,
        )
        const images = await until(
          'the images',
          20,
          () => storedImages(game.game.sql, tara.playerId),
          (all) => all.length === 5,
        )
        assert.deepEqual(images.map(({ repository, tag }) => `${repository}:${tag}`).sort(), [
          'copied:2',
          'craned:3',
          'lamp:0.1.0',
          'lamp:0.2.0',
          'scroll:1',
        ])
      })
      test('what is shared between images counts once', async () => {
        const [scroll, copied] = (await storedImages(game.game.sql, tara.playerId)).filter(({ repository }) =>
          /scroll|copied/.test(repository),
        )
        assert.equal(scroll?.digest, copied?.digest)
        const use = await registryUse(game.game.sql, tara.playerId)
        const charts = (await storedImages(game.game.sql, tara.playerId)).filter(
          ({ repository }) => repository === 'lamp',
        )
        const sum = (scroll?.bytes ?? 0) + charts.reduce((total, { bytes }) => total + bytes, 0)
        assert.equal(use?.bytes, sum)
        assert.equal(use.loose, 0)
      })
      test('a tag moves, and a deleted image is gone from the page', async () => {
        const path = `${game.host}/${tara.slug}`
        await clients.must(
          `echo two > etc/second; c=$(b from scratch); b copy $c etc /etc; b commit $c scroll; b push --tls-verify=false scroll ${path}/scroll:1`,
        )
        const moved = await until(
          'the images',
          20,
          () => storedImages(game.game.sql, tara.playerId),
          (all) => all.filter(({ repository }) => repository === 'scroll').length === 2,
        )
        assert.deepEqual(
          moved.filter(({ repository }) => repository === 'scroll').map(({ tag }) => tag),
          ['1', null],
        )
        await clients.must(`skopeo delete --tls-verify=false docker://${path}/copied:2`)
        await until(
          'the images',
          20,
          () => storedImages(game.game.sql, tara.playerId),
          (all) => all.every(({ repository }) => repository !== 'copied'),
        )
      })
    },
  )
}
