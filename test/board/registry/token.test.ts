import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose'
import { certificates, keptKeys, keySet, type IssuerKey } from '../../../src/board/registry/keys.ts'
import { issuerName } from '../../../src/board/registry/token.ts'
import type { Access, Registry } from '../../../src/board/registry/types.ts'
import { freePort } from '../../helpers/board/control-plane.ts'
import { lacksRegistry, openTestRegistry, startRegistry, versions } from '../../helpers/registry.ts'

const secret = 'a secret of the master that tests know'
const signal = AbortSignal.timeout(60_000)

async function secretsFolder(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'shambhala-keys-')), 'secrets')
}

for (const version of versions) {
  describe(`Distribution ${version} takes the tokens`, { skip: lacksRegistry(version) }, () => {
    let secrets: string
    let registry: Registry
    let host: string
    let close: () => Promise<void>
    let key: IssuerKey

    before(async () => {
      secrets = await secretsFolder()
      host = `localhost:${await freePort('127.0.0.1')}`
      registry = openTestRegistry({ host, secrets, secret })
      ;[key] = keptKeys(secrets)
      const running = await startRegistry(version, { master: 'http://localhost:9', secrets, secret, host })
      close = () => running.close()
    })
    after(async () => {
      registry.close()
      await close()
      await rm(join(secrets, '..'), { recursive: true })
    })

    const ask = async (path: string, token: string, method = 'GET') =>
      (await fetch(`http://${host}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status
    const upload = (name: string, token: string) => ask(`/v2/${name}/blobs/uploads/`, token, 'POST')
    const tokenOf = async (slug: string, ...scopes: string[]) =>
      (await registry.tokens.issue({ kind: 'player', slug }, scopes)).token
    /** A token as ours is, but for what is said. */
    const forged = async (
      claims: object,
      { signer = key.privateKey, kid = key.kid, issuer = issuerName, audience = host } = {},
    ) => {
      const access: Access[] = [{ type: 'repository', name: 'tara/scroll', actions: ['pull', 'push'] }]
      const now = Math.floor(Date.now() / 1000)
      return await new SignJWT({ access, iat: now, nbf: now, exp: now + 60, ...claims })
        .setProtectedHeader({ typ: 'JWT', alg: 'ES256', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .sign(signer)
    }

    test('a player pushes to the own path, and the master sees it', async () => {
      const token = await tokenOf('tara', 'repository:tara/scroll:pull,push')
      assert.equal(await upload('tara/scroll', token), 202)
      assert.equal(
        await upload('tara/scroll', await forged({})),
        202,
        'the forgeries below differ in one thing each',
      )
      assert.deepEqual(await registry.images('tara').tags('scroll', signal), { tags: [], truncated: false })
      assert.deepEqual(await registry.repositories(signal), [])
    })
    test('nobody pushes to the path of another, into the hunt’s, or around a corner', async () => {
      for (const name of ['bob/scroll', 'hunt/scroll', 'tara', 'taras/scroll', 'tara/../bob/scroll']) {
        const token = await tokenOf('tara', `repository:${name}:pull,push`)
        assert.equal(await upload(name, token), 401, name)
      }
      const own = await tokenOf('tara', 'repository:tara/scroll:pull,push')
      assert.equal(await upload('bob/scroll', own), 401)
      assert.equal(await upload('tara/../bob/scroll', own), 401)
    })
    test('a blob of another is not mounted, and the catalogue is not listed', async () => {
      const digest = `sha256:${'0'.repeat(64)}`
      const token = await tokenOf(
        'tara',
        'repository:tara/x:pull,push repository:bob/y:pull',
        'registry:catalog:*',
      )
      assert.equal(await upload('tara/x', token), 202)
      const mount = await ask(`/v2/tara/x/blobs/uploads/?mount=${digest}&from=bob/y`, token, 'POST')
      assert.equal(mount, 401)
      assert.equal(await ask('/v2/_catalog', token), 401)
    })
    test('what signs nodes in pulls and does not push', async () => {
      const robot = { kind: 'robot', slug: 'tara' } as const
      const scopes = ['repository:tara/x:pull,push', 'repository:hunt/base:pull', 'repository:bob/y:pull']
      const { token, withheld } = await registry.tokens.issue(robot, scopes)
      assert.equal(await ask('/v2/tara/x/tags/list', token), 404)
      assert.equal(await ask('/v2/hunt/base/tags/list', token), 404)
      assert.equal(await ask('/v2/bob/y/tags/list', token), 401)
      assert.equal(await upload('tara/x', token), 401)
      assert.deepEqual(withheld, [{ repository: 'tara/x', why: 'path' }])
    })
    test('a forged token opens nothing', async () => {
      const { privateKey: stranger } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const access = [{ type: 'repository', name: 'tara/scroll', actions: ['pull', 'push'] }]
      const unsigned = new UnsecuredJWT({ access })
        .setIssuer(issuerName)
        .setAudience(host)
        .setExpirationTime('1h')
        .encode()
      const [head = '', body = '', signature = ''] = (await forged({})).split('.')
      const claims = { ...decodeJwt(`${head}.${body}.${signature}`), sub: 'master' }
      const changed = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      const past = Math.floor(Date.now() / 1000) - 3600
      const tokens = {
        'without a signature': unsigned,
        'changed after signing': changed,
        'signed by a stranger': await forged({}, { signer: stranger }),
        'by a key that nobody knows': await forged({}, { signer: stranger, kid: 'AAAA:BBBB' }),
        'of another issuer': await forged({}, { issuer: 'somebody' }),
        'for another registry': await forged({}, { audience: 'elsewhere' }),
        'that has expired': await forged({ nbf: past, iat: past, exp: past + 60 }),
        'of the day after tomorrow': await forged({ nbf: past + 200_000, exp: past + 300_000 }),
      }
      for (const [what, token] of Object.entries(tokens))
        assert.equal(await upload('tara/scroll', token), 401, what)
    })
    test('whoever’s storage is used up still pulls and deletes', async () => {
      const scopes = ['repository:tara/scroll:pull,push,delete']
      const issued = await registry.tokens.issue({ kind: 'player', slug: 'tara' }, scopes, { full: true })
      assert.deepEqual(issued.access, [
        { type: 'repository', name: 'tara/scroll', actions: ['pull', 'delete'] },
      ])
      assert.deepEqual(issued.withheld, [{ repository: 'tara/scroll', why: 'storage' }])
      assert.equal(await upload('tara/scroll', issued.token), 401)
      const nothing = `/v2/tara/scroll/manifests/sha256:${'0'.repeat(64)}`
      assert.equal(await ask(nothing, issued.token, 'DELETE'), 404)
    })
  })
}

describe('The keys', () => {
  test('are kept for the next start, and readable by their owner only', async () => {
    const folder = await secretsFolder()
    const [made] = keptKeys(folder)
    const [kept] = keptKeys(folder)
    assert.equal(kept.kid, made.kid)
    assert.equal((await stat(join(folder, 'registry-1.pem'))).mode & 0o777, 0o600)
    await rm(join(folder, '..'), { recursive: true })
  })
  test('are renewed without making the old one unknown', async () => {
    const folder = await secretsFolder()
    const [old] = keptKeys(folder)
    const both = keptKeys(folder, { renew: true })
    assert.equal(both.length, 2)
    assert.notEqual(both[0].kid, old.kid)
    assert.equal(both[1]?.kid, old.kid)
    assert.deepEqual(
      keySet(both).keys.map((one) => one['kid']),
      [both[0].kid, old.kid],
    )
    const pems = certificates(both).split(/(?<=-----END CERTIFICATE-----\n)/)
    assert.equal(pems.length, 2)
    for (const pem of pems) {
      const certificate = new X509Certificate(pem)
      assert.ok(certificate.verify(certificate.publicKey))
    }
    await rm(join(folder, '..'), { recursive: true })
  })
})
