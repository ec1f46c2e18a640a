import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { NamespaceReader } from '../../src/board/cluster/types.ts'
import type { Registry } from '../../src/board/registry/types.ts'
import { storedImages, type StoredImage } from '../../src/db/registry-images.ts'
import { refusalsOf } from '../../src/db/registry-refusals.ts'
import { insertWorkspace } from '../../src/db/workspaces.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { Inconclusive } from '../../src/lib/errors.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { openJar, type Jar } from '../helpers/jar.ts'
import { openClients, type Clients } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import type { Clusters } from '../../src/game/types.ts'
import { until } from '../helpers/until.ts'

const version = versions.find((one) => lacksRegistry(one) === false) ?? '2.8'

describe(
  'What a player sees of the registry',
  { skip: lacksRegistry(version) || lacksTools('buildah') },
  () => {
    let game: RegistryGame
    let clients: Clients
    let tara: Registered
    let jar: Jar
    let image: StoredImage

    before(async () => {
      game = await startRegistryGame(version, { images: '64Mi' })
      clients = await openClients()
      tara = await game.register('Tara')
      jar = await openJar(game.url, 'Tara')
    })
    after(async () => {
      clients.remove()
      await game.close()
    })

    /** Builds an image with a file of its own and pushes it. */
    const push = async (name: string) => {
      const built = `echo ${name} > file; c=$(b from scratch); b copy $c file /; b commit $c made`
      return await clients.run(`${built}; b push --tls-verify=false made ${game.host}/${name}`)
    }
    const api = async (method: string, path: string, token = tara.token) => {
      const response = await fetch(`${game.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      })
      const text = await response.text()
      return {
        status: response.status,
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      }
    }
    /** The server's own board, of which a part is exchanged for a while. */
    const board = () => game.game.board as { cluster?: Clusters; registry?: Registry }
    /** Does something while the board has a cluster that says this of pods. */
    const withPods = async (list: NamespaceReader['list'], work: () => Promise<void>) => {
      const cluster = { reader: () => ({ ingress: null, list }), quota: () => Promise.resolve([]) }
      board().cluster = { all: new Map([['main', cluster]]) } as unknown as Clusters
      try {
        await work()
      } finally {
        delete board().cluster
      }
    }

    test('map and page say where to push and how to log in before anything is there', async () => {
      for (const path of ['/map', '/workspace']) {
        const { text } = await jar.get(path)
        assert.ok(text.includes(`docker login ${game.host} -u ${tara.slug}`), text)
        assert.ok(text.includes(`${game.host}/${tara.slug}/`), text)
        assert.match(text, /Storage 0\sbytes of 64\sMiB/)
      }
      assert.match((await jar.get('/workspace')).text, /Nothing here yet/)
      assert.deepEqual((await api('GET', '/workspace')).body['registry'], {
        host: game.host,
        plainHttp: true,
        path: tara.slug,
        usedBytes: 0,
        budgetBytes: 64 * 2 ** 20,
        full: null,
      })
    })

    test('a pushed image stands there with tag, digest and size', async () => {
      await clients.run(`b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}`)
      const pushed = await push(`${tara.slug}/deep/scroll:1`)
      assert.equal(pushed.code, 0, pushed.stderr)
      const images = await until(
        'the image',
        20,
        () => storedImages(game.game.sql, tara.playerId),
        (all) => all.length === 1,
      )
      assert.ok(images[0])
      image = images[0]
      const { text, html } = await jar.get('/workspace')
      assert.match(
        text,
        new RegExp(`deep/scroll 1 Digest ${image.digest.slice(7, 19)} Size [\\d.]+\\s\\w+ Pushed`),
      )
      assert.match(html, /<meter min="0" max="67108864" value="\d{3,}"/)
      assert.doesNotMatch(text, /Used by/)
      const { rows } = (await api('GET', '/workspace/images')).body as { rows: Record<string, unknown>[] }
      assert.deepEqual(
        rows.map(({ repository, digest, tags, usedBy }) => ({ repository, digest, tags, usedBy })),
        [{ repository: 'deep/scroll', digest: image.digest, tags: ['1'], usedBy: null }],
      )
    })

    test('a refused push stands there with its reason, since the client hides it', async () => {
      const refused = await push('bob/scroll:1')
      assert.notEqual(refused.code, 0)
      await until(
        'the refusal',
        20,
        () => refusalsOf(game.game.sql, tara.playerId),
        (all) => all.length > 0,
      )
      const { text } = await jar.get('/workspace')
      assert.ok(text.includes(`bob/scroll: this is not your path. Push to ${game.host}/${tara.slug}/`), text)
    })

    test('the pods that run an image stand beside it, and a cluster that hangs holds nothing up', async () => {
      await insertWorkspace(game.game.sql, { ...tara, budget: 'default', environments: [] })
      await game.game
        .sql`update workspaces set state = 'ready', cluster = 'main', expires_at = now() + interval '1 day' where player_id = ${tara.playerId}`
      const pod = (name: string, tag: string, imageID: string) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { containers: [{ name: 'c', image: `${game.host}/${tara.slug}/deep/scroll:${tag}` }] },
        status: { phase: 'Running', containerStatuses: [{ name: 'c', imageID }] },
      })
      const items = [
        pod('by-digest', 'moved', `${game.host}/x@${image.digest}`),
        pod('by-tag', '1', ''),
        pod('by-twin', '1', `${game.host}/x@sha256:${'0'.repeat(64)}`),
        pod('older', '1', `${game.host}/${tara.slug}/deep/scroll@sha256:${'0'.repeat(64)}`),
      ]
      await withPods(
        () => Promise.resolve({ items, truncated: false }),
        async () => {
          assert.match((await jar.get('/workspace')).text, /Used by by-digest ?, by-tag ?, by-twin Delete/)
        },
      )
      await withPods(
        () => new Promise(() => undefined),
        async () => {
          const page = await jar.get('/workspace')
          assert.equal(page.status, 200)
          assert.match(page.text, /deep\/scroll/)
          assert.doesNotMatch(page.text, /Used by/)
        },
      )
    })

    test('a forged form deletes nothing, the confirmed one deletes the image', async () => {
      const page = await jar.get('/workspace')
      const forged = await jar.send(page, '/workspace/images/delete', { _csrf: 'forged' })
      assert.equal(forged.status, 403)
      assert.equal((await storedImages(game.game.sql, tara.playerId)).length, 1)
      const gone = await jar.send(page, '/workspace/images/delete')
      assert.equal(gone.status, 200)
      assert.match(gone.text, /Nothing here yet/)
      const read = game.registry.images(tara.slug)
      assert.equal(await read.manifest('deep/scroll', '1', AbortSignal.timeout(5000)), null)
      const again = await jar.send(page, '/workspace/images/delete')
      assert.equal(again.status, 404)
      assert.match(again.text, /This image is not there \(any more\)/)
    })

    test('the API deletes one’s own image, and nobody else’s', async () => {
      const pushed = await push(`${tara.slug}/deep/lamp:1`)
      assert.equal(pushed.code, 0, pushed.stderr)
      const [lamp] = await until(
        'the image',
        20,
        () => storedImages(game.game.sql, tara.playerId),
        (all) => all.length === 1,
      )
      const query = new URLSearchParams({ repository: 'deep/lamp', digest: lamp?.digest ?? '' })
      const eve = await game.register('Eve')
      const other = await api('DELETE', `/workspace/images?${query.toString()}`, eve.token)
      assert.deepEqual([other.status, other.body['code']], [404, 'no-image'])
      assert.equal((await api('DELETE', `/workspace/images?${query.toString()}`)).status, 204)
      assert.deepEqual((await api('GET', '/workspace/images')).body, { rows: [] })
    })

    test('a registry that does not answer is told as ours, in the reader’s language', async () => {
      const nima = await game.register('Nima', 'fr')
      const french = await openJar(game.url, 'Nima')
      await clients.run(`b login --tls-verify=false -u ${nima.slug} -p ${nima.token} ${game.host}`)
      const pushed = await push(`${nima.slug}/scroll:1`)
      assert.equal(pushed.code, 0, pushed.stderr)
      await until(
        'the image',
        20,
        () => storedImages(game.game.sql, nima.playerId),
        (all) => all.length === 1,
      )
      const { registry } = game.game.board
      assert.ok(registry)
      board().registry = {
        ...registry,
        remove: () => Promise.reject(new Inconclusive('it does not answer')),
      }
      const page = await french.send(await french.get('/workspace'), '/workspace/images/delete')
      board().registry = registry
      assert.equal(page.status, 503)
      assert.match(page.text, /Le registre ne répond pas pour l’instant, et c’est de notre côté/)
    })
  },
)
