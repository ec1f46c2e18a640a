import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { storedImages } from '../../src/db/registry-images.ts'
import { refusalsOf } from '../../src/db/registry-refusals.ts'
import { registryUse } from '../../src/db/registry-use.ts'
import type { Registered } from '../../src/game/people/register.ts'
import {
  accessOf,
  basic,
  lacksClients,
  openClients,
  tokenAt,
  uploadBlob,
  type Clients,
} from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'

for (const version of versions) {
  describe(
    `What is refused at Distribution ${version}`,
    { skip: lacksRegistry(version) || lacksClients() },
    () => {
      let game: RegistryGame
      let clients: Clients
      let tara: Registered
      let bob: Registered

      before(async () => {
        game = await startRegistryGame(version, { images: '1Mi' })
        clients = await openClients()
        ;[tara, bob] = [await game.register('Tara'), await game.register('Bob')]
      })
      after(async () => {
        clients.remove()
        await game.close()
      })

      test('a push to another’s path is refused, and the page can say why', async () => {
        await clients.must(
          `c=$(b from scratch); b copy $c etc /etc; b commit $c scroll; b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}; b push --tls-verify=false scroll ${game.host}/${tara.slug}/scroll:1`,
        )
        const { code } = await clients.run(
          `b push --tls-verify=false scroll ${game.host}/${bob.slug}/scroll:1`,
        )
        assert.notEqual(code, 0)
        const refusals = await refusalsOf(game.game.sql, tara.playerId)
        assert.deepEqual(
          refusals.map(({ repository, why }) => ({ repository, why })),
          [{ repository: `${bob.slug}/scroll`, why: 'path' }],
        )
        assert.equal((await storedImages(game.game.sql, bob.playerId)).length, 0)
        await clients.must(`crane auth login ${game.host} -u ${bob.slug} -p ${bob.token}`)
        const pulled = await clients.run(`crane manifest --insecure ${game.host}/${tara.slug}/scroll:1`)
        assert.notEqual(pulled.code, 0)
      })
      test('whoever has used up the storage pushes no more, and does again after deleting', async () => {
        const path = `${game.host}/${bob.slug}`
        await clients.must(
          `b login --tls-verify=false -u ${bob.slug} -p ${bob.token} ${game.host}; head -c 1500000 /dev/urandom > big; c=$(b from scratch); b copy $c big /big; b commit $c big; b push --tls-verify=false big ${path}/big:1`,
        )
        await until(
          'the use',
          20,
          () => registryUse(game.game.sql, bob.playerId),
          (use) => use.bytes > 2 ** 20,
        )
        const full = await clients.run(`b push --tls-verify=false scroll ${path}/scroll:1`)
        assert.notEqual(full.code, 0)
        const [refusal] = await refusalsOf(game.game.sql, bob.playerId)
        assert.deepEqual([refusal?.repository, refusal?.why], [`${bob.slug}/scroll`, 'storage'])
        await clients.must(`skopeo delete --tls-verify=false docker://${path}/big:1`)
        const use = await until(
          'the use',
          20,
          () => registryUse(game.game.sql, bob.playerId),
          (one) => one.bytes === 0,
        )
        assert.ok(use.loose > 2 ** 20, 'what the registry has not collected yet is known')
        await clients.must(`b push --tls-verify=false scroll ${path}/scroll:1`)
      })
      test('layers without an image count too, so that nobody fills the disk with them', async () => {
        const eve = await game.register('Eve')
        const scope = `repository:${eve.slug}/x:pull,push`
        const { body } = await tokenAt(game, `scope=${scope}`, { authorization: basic(eve.slug, eve.token) })
        const bytes = Buffer.alloc(2.5 * 2 ** 20, 'x')
        await uploadBlob(game, body, { repository: `${eve.slug}/x`, bytes })
        await until(
          'the use',
          20,
          () => registryUse(game.game.sql, eve.playerId),
          (use) => use.loose === bytes.length,
        )
        const next = await tokenAt(game, `scope=${scope}`, { authorization: basic(eve.slug, eve.token) })
        assert.deepEqual(accessOf(next.body), [
          { type: 'repository', name: `${eve.slug}/x`, actions: ['pull'] },
        ])
      })

      test('a layer that lies elsewhere is not taken, so that nobody is sent to an address of the player’s', async () => {
        const ana = await game.register('Ana')
        const repository = `${ana.slug}/far`
        const authorization = basic(ana.slug, ana.token)
        const { body } = await tokenAt(game, `scope=repository:${repository}:pull,push`, { authorization })
        const upload = (text: string) => uploadBlob(game, body, { repository, bytes: Buffer.from(text) })
        const [config, layer] = [await upload('{"architecture":"amd64"}'), await upload('a layer')]
        const types = 'application/vnd.docker'
        const mediaType = `${types}.distribution.manifest.v2+json`
        const push = async (kind: string, more: object) => {
          const manifest = {
            schemaVersion: 2,
            mediaType,
            config: { mediaType: `${types}.container.image.v1+json`, ...config },
            layers: [{ mediaType: `${types}.image.rootfs.${kind}`, ...layer, ...more }],
          }
          const headers = { authorization: `Bearer ${body.token}`, 'content-type': mediaType }
          const target = `http://${game.host}/v2/${repository}/manifests/1`
          return (await fetch(target, { method: 'PUT', headers, body: JSON.stringify(manifest) })).ok
        }
        const urls = ['http://169.254.169.254/latest/']
        assert.equal(await push('foreign.diff.tar.gzip', { urls }), false)
        assert.equal(await push('foreign.diff.tar.gzip', { urls: ['https://example.org/layer'] }), false)
        assert.equal(await push('diff.tar.gzip', {}), true, 'there is nothing else about it to refuse')
      })
    },
  )
}
