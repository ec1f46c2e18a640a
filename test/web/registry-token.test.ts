import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { storedImages } from '../../src/db/registry-images.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { hookKey } from '../../src/game/triggers/registry-hook.ts'
import { accessOf, basic, tokenAt, tokenBy } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'

for (const version of versions) {
  describe(`Whoever asks for a token for Distribution ${version}`, { skip: lacksRegistry(version) }, () => {
    let game: RegistryGame
    let tara: Registered
    let bob: Registered

    before(async () => {
      game = await startRegistryGame(version)
      ;[tara, bob] = [await game.register('Tara'), await game.register('Bob')]
    })
    after(() => game.close())

    test('a token may open less than was asked for, and nothing where nothing was', async () => {
      const authorization = basic(tara.slug, tara.token)
      const login = await tokenAt(game, '', { authorization })
      assert.deepEqual([login.status, accessOf(login.body)], [200, []])
      assert.equal(decodeJwt(login.body.token).aud, game.host)
      assert.equal(login.body.access_token, login.body.token)
      assert.ok(login.body.expires_in >= 60)
      assert.equal(login.headers.get('cache-control'), 'no-store')
      const mixed = await tokenAt(
        game,
        `scope=repository:${tara.slug}/a:pull,push&scope=repository:hunt/b:pull,push&scope=repository:${bob.slug}/c:pull`,
        { authorization },
      )
      assert.deepEqual(accessOf(mixed.body), [
        { type: 'repository', name: `${tara.slug}/a`, actions: ['pull', 'push'] },
        { type: 'repository', name: 'hunt/b', actions: ['pull'] },
      ])
    })
    test('a token with the line end of the file that it was read from logs in', async () => {
      for (const end of ['\n', '\r\n', ' ']) {
        const authorization = basic(tara.slug, `${tara.token}${end}`)
        assert.equal((await tokenAt(game, 'offline_token=true', { authorization })).status, 200)
        const form = { grant_type: 'password', username: tara.slug, password: `${tara.token}${end}` }
        assert.equal((await tokenBy(game, form)).status, 200)
      }
    })
    test('wrong credentials are told what to do', async () => {
      for (const authorization of [
        basic(tara.slug, 'wrong'),
        basic(tara.slug, 'correct horse battery'),
        'Bearer x',
        'Basic !!',
      ]) {
        const { status, headers, body } = await tokenAt(game, '', { authorization })
        assert.equal(status, 401)
        assert.match(headers.get('www-authenticate') ?? '', /^Basic realm/)
        assert.match(JSON.stringify(body), /one of your tokens/)
      }
      assert.equal((await tokenAt(game, '')).status, 401)
      assert.equal(
        (await tokenBy(game, { grant_type: 'password', username: tara.slug, password: 'wrong' })).status,
        401,
      )
      assert.equal((await tokenBy(game, { grant_type: 'code' })).status, 400)
    })
    test('a refresh token stands for the log-in until the player’s token is revoked', async () => {
      const scope = `repository:${tara.slug}/a:pull`
      const first = await tokenBy(game, {
        grant_type: 'password',
        username: tara.slug,
        password: tara.token,
        access_type: 'offline',
      })
      const refresh = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token ?? '', scope }
      const again = await tokenBy(game, refresh)
      assert.equal(again.body.scope, scope)
      assert.deepEqual(accessOf(again.body), [
        { type: 'repository', name: `${tara.slug}/a`, actions: ['pull'] },
      ])
      const changed = refresh.refresh_token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
      assert.equal(
        (await tokenBy(game, { ...refresh, refresh_token: `${changed.slice(0, 10)}x${changed.slice(11)}` }))
          .status,
        401,
      )
      const online = await tokenBy(game, {
        grant_type: 'password',
        username: tara.slug,
        password: tara.token,
      })
      assert.equal(online.body.refresh_token, undefined)
      await game.game
        .sql`delete from tokens where member_id = (select id from members where player_id = ${tara.playerId})`
      assert.equal((await tokenBy(game, refresh)).status, 401)
    })
    test('the pull Secret of a namespace pulls and cannot push', async () => {
      const authorization = basic(bob.slug, game.registry.tokens.robotPassword(bob.slug))
      const { body } = await tokenAt(
        game,
        `scope=repository:${bob.slug}/a:pull,push&scope=repository:${tara.slug}/a:pull`,
        { authorization },
      )
      assert.deepEqual(accessOf(body), [{ type: 'repository', name: `${bob.slug}/a`, actions: ['pull'] }])
      const stolen = basic(tara.slug, game.registry.tokens.robotPassword(bob.slug))
      assert.equal((await tokenAt(game, '', { authorization: stolen })).status, 401)
    })
    test('a notification is taken from the registry alone, and nonsense holds nothing up', async () => {
      const tell = async (body: string, key = hookKey(game.game.secret)) =>
        (
          await fetch(`${game.url}/hooks/registry`, {
            method: 'POST',
            body,
            headers: {
              authorization: `Bearer ${key}`,
              'content-type': 'application/vnd.docker.distribution.events.v2+json',
            },
          })
        ).status
      assert.equal(await tell('{"events":[]}', 'wrong'), 401)
      assert.equal(await tell('{"events":[]}'), 200)
      assert.equal(await tell('nonsense'), 200)
      const lie = {
        action: 'push',
        target: { repository: 'bob/ghost', digest: `sha256:${'1'.repeat(64)}`, tag: '1' },
      }
      assert.equal(await tell(JSON.stringify({ events: [lie, 3, null, {}] })), 200)
      await sleep(600)
      const images = await storedImages(game.game.sql, bob.playerId)
      assert.ok(images.every(({ repository }) => repository !== 'ghost'))
    })
  })
}
