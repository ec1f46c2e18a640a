import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { refusalsOf } from '../../src/db/registry-refusals.ts'
import { storedImages } from '../../src/db/registry-images.ts'
import { registryUse } from '../../src/db/registry-use.ts'
import type { Registered } from '../../src/game/register.ts'
import { hookKey } from '../../src/game/registry-hook.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import { openShell, type Shell } from '../helpers/shell.ts'

const clients = ['buildah', 'skopeo', 'crane', 'helm3', 'helm4'] as const
const lacks = lacksTools(...clients)
const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

interface Answer {
  token: string
  access_token: string
  expires_in: number
  issued_at: string
  refresh_token?: string
  scope?: string
}

for (const version of versions) {
  describe(`With Distribution ${version}`, { skip: lacksRegistry(version) || lacks }, () => {
    let game: RegistryGame
    let shell: Shell
    let tara: Registered
    let bob: Registered

    before(async () => {
      game = await startRegistryGame(version, { images: '1Mi' })
      shell = openShell()
      ;[tara, bob] = [await game.register('Tara'), await game.register('Bob')]
      await run(
        'mkdir -p etc && echo one > etc/first && mkdir chart && printf "apiVersion: v2\\nname: lamp\\nversion: 0.1.0\\n" > chart/Chart.yaml',
      )
    })
    after(async () => {
      shell.remove()
      await game.close()
    })

    const run = async (command: string) => {
      const storage =
        'export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot XDG_RUNTIME_DIR=$HOME/run; mkdir -p $HOME/run;'
      const flags = '--storage-driver vfs --root $HOME/store --runroot $HOME/run/store'
      const tools = clients
        .slice(2)
        .map((name) => `${name}() { ${tool(name)} "$@"; };`)
        .join(' ')
      return await shell.run(`set -e; ${storage} ${tools} b() { buildah ${flags} "$@"; }; ${command}`)
    }
    const must = async (command: string) => {
      const ran = await run(command)
      assert.equal(ran.code, 0, `${command}\n${ran.stderr}`)
      return ran.stdout.trim()
    }
    const until = async <T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> => {
      for (let attempt = 0; ; attempt += 1) {
        const seen = await look()
        if (wanted(seen)) return seen
        if (attempt === 200) assert.fail(`never as wanted: ${JSON.stringify(seen)}`)
        await sleep(50)
      }
    }
    const tokenAt = async (query: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${game.url}/registry/token?service=${game.host}&${query}`, { headers })
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer }
    }
    const tokenBy = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ service: game.host, client_id: 'test', ...form })
      const response = await fetch(`${game.url}/registry/token`, { method: 'POST', body })
      return { status: response.status, body: (await response.json()) as Answer }
    }
    const accessOf = ({ token }: Answer) => decodeJwt<{ access: unknown }>(token).access

    test('buildah logs in and pushes at the first try, and the page knows it', async () => {
      await must(`b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}`)
      await must(
        `c=$(b from scratch); b copy $c etc /etc; b commit $c scroll; b push --tls-verify=false scroll ${game.host}/${tara.slug}/scroll:1`,
      )
      const images = await until(
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
      const { host } = game
      const path = `${host}/${tara.slug}`
      await must(
        `skopeo login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${host}; skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://${path}/scroll:1 docker://${path}/copied:2`,
      )
      await must(
        `crane auth login ${host} -u ${tara.slug} -p ${tara.token}; crane copy --insecure ${path}/scroll:1 ${path}/craned:3`,
      )
      await must(
        `helm3 registry login --plain-http ${host} -u ${tara.slug} -p ${tara.token}; helm3 package chart; helm3 push --plain-http lamp-0.1.0.tgz oci://${path}`,
      )
      await must(
        `sed -i s/0.1.0/0.2.0/ chart/Chart.yaml; helm4 registry login --plain-http ${host} -u ${tara.slug} -p ${tara.token}; helm4 package chart; helm4 push --plain-http lamp-0.2.0.tgz oci://${path}`,
      )
      const images = await until(
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
      await must(
        `echo two > etc/second; c=$(b from scratch); b copy $c etc /etc; b commit $c scroll; b push --tls-verify=false scroll ${path}/scroll:1`,
      )
      const moved = await until(
        () => storedImages(game.game.sql, tara.playerId),
        (all) => all.filter(({ repository }) => repository === 'scroll').length === 2,
      )
      assert.deepEqual(
        moved.filter(({ repository }) => repository === 'scroll').map(({ tag }) => tag),
        ['1', null],
      )
      await must(`skopeo delete --tls-verify=false docker://${path}/copied:2`)
      await until(
        () => storedImages(game.game.sql, tara.playerId),
        (all) => all.every(({ repository }) => repository !== 'copied'),
      )
    })
    test('a push to another’s path is refused, and the page can say why', async () => {
      const { code } = await run(`b push --tls-verify=false scroll ${game.host}/${bob.slug}/scroll:1`)
      assert.notEqual(code, 0)
      const refusals = await refusalsOf(game.game.sql, tara.playerId)
      assert.deepEqual(
        refusals.map(({ repository, why }) => ({ repository, why })),
        [{ repository: `${bob.slug}/scroll`, why: 'path' }],
      )
      assert.equal((await storedImages(game.game.sql, bob.playerId)).length, 0)
      await must(`crane auth login ${game.host} -u ${bob.slug} -p ${bob.token}`)
      const pulled = await run(`crane manifest --insecure ${game.host}/${tara.slug}/scroll:1`)
      assert.notEqual(pulled.code, 0)
    })
    test('whoever has used up the storage pushes no more, and does again after deleting', async () => {
      const path = `${game.host}/${bob.slug}`
      await must(
        `b login --tls-verify=false -u ${bob.slug} -p ${bob.token} ${game.host}; head -c 1500000 /dev/urandom > big; c=$(b from scratch); b copy $c big /big; b commit $c big; b push --tls-verify=false big ${path}/big:1`,
      )
      await until(
        () => registryUse(game.game.sql, bob.playerId),
        (use) => (use?.bytes ?? 0) > 2 ** 20,
      )
      const full = await run(`b push --tls-verify=false scroll ${path}/scroll:1`)
      assert.notEqual(full.code, 0)
      const [refusal] = await refusalsOf(game.game.sql, bob.playerId)
      assert.deepEqual([refusal?.repository, refusal?.why], [`${bob.slug}/scroll`, 'storage'])
      await must(`skopeo delete --tls-verify=false docker://${path}/big:1`)
      const use = await until(
        () => registryUse(game.game.sql, bob.playerId),
        (one) => one?.bytes === 0,
      )
      assert.ok((use?.loose ?? 0) > 2 ** 20, 'what the registry has not collected yet is known')
      await must(`b push --tls-verify=false scroll ${path}/scroll:1`)
    })
    test('layers without an image count too, so that nobody fills the disk with them', async () => {
      const eve = await game.register('Eve')
      const scope = `repository:${eve.slug}/x:pull,push`
      const { body } = await tokenAt(`scope=${scope}`, { authorization: basic(eve.slug, eve.token) })
      const headers = { authorization: `Bearer ${body.token}`, 'content-type': 'application/octet-stream' }
      const start = await fetch(`http://${game.host}/v2/${eve.slug}/x/blobs/uploads/`, {
        method: 'POST',
        headers,
      })
      const bytes = Buffer.alloc(2.5 * 2 ** 20, 'x')
      const target = new URL(start.headers.get('location') ?? '', `http://${game.host}`)
      target.searchParams.set('digest', `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
      assert.equal((await fetch(target, { method: 'PUT', headers, body: bytes })).status, 201)
      await until(
        () => registryUse(game.game.sql, eve.playerId),
        (use) => use?.loose === bytes.length,
      )
      const next = await tokenAt(`scope=${scope}`, { authorization: basic(eve.slug, eve.token) })
      assert.deepEqual(accessOf(next.body), [
        { type: 'repository', name: `${eve.slug}/x`, actions: ['pull'] },
      ])
    })
    test('a token may open less than was asked for, and nothing where nothing was', async () => {
      const authorization = basic(tara.slug, tara.token)
      const login = await tokenAt('', { authorization })
      assert.deepEqual([login.status, accessOf(login.body)], [200, []])
      assert.equal(decodeJwt(login.body.token).aud, game.host)
      assert.equal(login.body.access_token, login.body.token)
      assert.ok(login.body.expires_in >= 60)
      assert.equal(login.headers.get('cache-control'), 'no-store')
      const mixed = await tokenAt(
        `scope=repository:${tara.slug}/a:pull,push&scope=repository:hunt/b:pull,push&scope=repository:${bob.slug}/c:pull`,
        { authorization },
      )
      assert.deepEqual(accessOf(mixed.body), [
        { type: 'repository', name: `${tara.slug}/a`, actions: ['pull', 'push'] },
        { type: 'repository', name: 'hunt/b', actions: ['pull'] },
      ])
    })
    test('wrong credentials are told what to do', async () => {
      for (const authorization of [
        basic(tara.slug, 'wrong'),
        basic(tara.slug, 'correct horse battery'),
        'Bearer x',
        'Basic !!',
      ]) {
        const { status, headers, body } = await tokenAt('', { authorization })
        assert.equal(status, 401)
        assert.match(headers.get('www-authenticate') ?? '', /^Basic realm/)
        assert.match(JSON.stringify(body), /one of your tokens/)
      }
      assert.equal((await tokenAt('')).status, 401)
      assert.equal(
        (await tokenBy({ grant_type: 'password', username: tara.slug, password: 'wrong' })).status,
        401,
      )
      assert.equal((await tokenBy({ grant_type: 'code' })).status, 400)
    })
    test('a refresh token stands for the log-in until the player’s token is revoked', async () => {
      const scope = `repository:${tara.slug}/a:pull`
      const first = await tokenBy({
        grant_type: 'password',
        username: tara.slug,
        password: tara.token,
        access_type: 'offline',
      })
      const refresh = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token ?? '', scope }
      const again = await tokenBy(refresh)
      assert.equal(again.body.scope, scope)
      assert.deepEqual(accessOf(again.body), [
        { type: 'repository', name: `${tara.slug}/a`, actions: ['pull'] },
      ])
      const changed = refresh.refresh_token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
      assert.equal(
        (await tokenBy({ ...refresh, refresh_token: `${changed.slice(0, 10)}x${changed.slice(11)}` })).status,
        401,
      )
      const online = await tokenBy({ grant_type: 'password', username: tara.slug, password: tara.token })
      assert.equal(online.body.refresh_token, undefined)
      await game.game
        .sql`delete from tokens where member_id = (select id from members where player_id = ${tara.playerId})`
      assert.equal((await tokenBy(refresh)).status, 401)
    })
    test('the pull Secret of a namespace pulls and cannot push', async () => {
      const authorization = basic(bob.slug, game.registry.tokens.robotPassword(bob.slug))
      const { body } = await tokenAt(
        `scope=repository:${bob.slug}/a:pull,push&scope=repository:${tara.slug}/a:pull`,
        { authorization },
      )
      assert.deepEqual(accessOf(body), [{ type: 'repository', name: `${bob.slug}/a`, actions: ['pull'] }])
      const stolen = basic(tara.slug, game.registry.tokens.robotPassword(bob.slug))
      assert.equal((await tokenAt('', { authorization: stolen })).status, 401)
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
