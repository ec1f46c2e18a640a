import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { collect } from '../../src/cli/registry/collect.ts'
import { loadFolders } from '../../src/cli/registry/load.ts'
import { unreferred } from '../../src/game/registry/collect.ts'
import { leave } from '../../src/game/people/leave.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { testBudget } from '../helpers/cluster.ts'
import { openClients, type Clients } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { openFolder } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const signal = AbortSignal.timeout(300_000)
const lacks = lacksTools('buildah', 'skopeo', 'crane')

test('one command writes all that a registry needs, and its secrets are for it alone', async (context) => {
  const { top, command } = await openFolder(context)
  const board = join(top, 'board.yaml')
  await writeFile(
    board,
    stringify({ registry: { host: 'registry.example.org' }, budgets: { default: testBudget } }),
  )
  const settings = { BOARD_FILE: board, CHALLENGES_DIR: join(packageRoot(), 'challenges') }
  const out = join(top, 'out')
  const told = await command(['registry', 'config', out], settings)
  assert.match(told.errors, /BASE_URL or --realm/)
  const args = [
    'registry',
    'config',
    out,
    '--realm',
    'https://hunt.example.org/',
    '--folder',
    '/etc/distribution',
  ]
  assert.equal((await command(args, settings)).code, 0)
  const three = parse(await readFile(join(out, 'distribution-3.yml'), 'utf8')) as { auth: { token: object } }
  assert.deepEqual(three.auth.token, {
    realm: 'https://hunt.example.org/registry/token',
    service: 'registry.example.org',
    issuer: 'shambhala',
    jwks: '/etc/distribution/jwks.json',
    signingalgorithms: ['ES256'],
  })
  assert.equal((await stat(join(out, 'distribution-2.yml'))).mode & 0o777, 0o600)
  const keys = async () =>
    (JSON.parse(await readFile(join(out, 'jwks.json'), 'utf8')) as { keys: object[] }).keys
  const before = await keys()
  assert.equal((await command([...args, '--renew'], settings)).code, 0)
  const after = await keys()
  assert.deepEqual([before.length, after.length, after[1]], [1, 2, before[0]])
  assert.equal(Object.keys(before[0] ?? {}).includes('d'), false, 'no private key')
})

for (const version of versions) {
  describe(`On Distribution ${version}`, { skip: lacksRegistry(version) || lacks }, () => {
    let game: RegistryGame
    let clients: Clients
    let folder: string
    const said: string[] = []
    const say = (line: string) => void said.push(line)
    const run = (command: string) => clients.must(command)
    before(async () => {
      game = await startRegistryGame(version)
      clients = await openClients()
      folder = await mkdtemp(join(tmpdir(), 'shambhala-layout-'))
      await run(
        `echo hunt > hello; c=$(b from scratch); b copy $c hello /hello; b commit $c base; b push base oci:${folder}/base:1.36`,
      )
    })
    after(async () => {
      clients.remove()
      await game.close()
      await rm(folder, { recursive: true })
    })

    test('a folder becomes an image of the hunt, which players pull', async () => {
      await loadFolders(game.registry, [join(folder, 'base'), `tools/box:2=${join(folder, 'base')}`], say)
      assert.match(said[0] ?? '', /\/hunt\/base:1\.36 {2}sha256:[0-9a-f]{64} {2}2 blobs uploaded/)
      assert.match(said[1] ?? '', /\/hunt\/tools\/box:2 /)
      await loadFolders(game.registry, [join(folder, 'base')], say)
      assert.match(said[2] ?? '', / 0 blobs uploaded/)
      const tara = await game.register('Tara')
      await run(
        `b login --tls-verify=false -u ${tara.slug} -p ${tara.token} ${game.host}; b pull --tls-verify=false ${game.host}/hunt/base:1.36`,
      )
    })
    test('a folder that is no image says so', async () => {
      await assert.rejects(game.registry.load(folder, ''), /no OCI image layout/)
      await assert.rejects(game.registry.load(join(folder, 'base'), '../x'), /no name of an image/)
      await writeFile(
        join(folder, 'base', 'index.json'),
        (await readFile(join(folder, 'base', 'index.json'), 'utf8')).replace(/sha256:..../, 'sha256:0000'),
      )
      await assert.rejects(
        game.registry.load(join(folder, 'base'), 'other'),
        /missing: copy the folder again/,
      )
    })
    test('what has no tag any more goes, after a dry run has told', async () => {
      const eve = await game.register('Eve')
      const path = `${game.host}/${eve.slug}/lamp:1`
      await run(
        `b login --tls-verify=false -u ${eve.slug} -p ${eve.token} ${game.host}; for n in 1 2; do echo $n > n; c=$(b from scratch); b copy $c n /n; b commit $c lamp; b push --tls-verify=false --digestfile d$n lamp ${path}; done`,
      )
      const old = await readFile(join(clients.folder, 'd1'), 'utf8')
      const opened = { sql: game.game.sql, registry: game.registry, clusters: [] }
      await until(
        'the notes of both',
        10,
        () => game.game.sql`select 1 from registry_manifests where player_id = ${eve.playerId}`,
        (rows) => rows.length === 2,
      )
      said.length = 0
      await collect(opened, {}, say)
      assert.deepEqual(said, ['deleted 0'], 'a push may still be under way')
      await game.game.sql`update registry_manifests set pushed_at = now() - interval '2 hours'`
      said.length = 0
      await collect(opened, { dryRun: true }, say)
      assert.deepEqual(said, [
        `would delete  ${eve.slug}/lamp@${old}  (no tag, no pod)`,
        '1 would be deleted',
      ])
      assert.ok(await game.registry.images(eve.slug).manifest('lamp', old, signal))
      await collect(opened, {}, say)
      assert.equal(await game.registry.images(eve.slug).manifest('lamp', old, signal), null)
      assert.ok(await game.registry.images(eve.slug).manifest('lamp', '1', signal))
    })
    test('with the database of another hunt nothing is taken for rubbish', async () => {
      const empty = await testDatabase()
      try {
        const opened = { sql: empty.sql, registry: game.registry, clusters: [] }
        const say = () => assert.fail('something was deleted')
        await assert.rejects(
          collect(opened, {}, say),
          /No path in the registry .* --foreign deletes all \d+ images/,
        )
        const told: string[] = []
        await collect(opened, { dryRun: true, foreign: true }, (line) => told.push(line))
        assert.match(told.at(-1) ?? '', /^[1-9]\d* would be deleted$/)
      } finally {
        await empty.close()
      }
    })
    test('what players pushed goes with them', async () => {
      const zoe = await game.register('Zoe')
      await run(
        `b login --tls-verify=false -u ${zoe.slug} -p ${zoe.token} ${game.host}; b push --tls-verify=false base ${game.host}/${zoe.slug}/a/b:1`,
      )
      assert.ok(await game.registry.images(zoe.slug).manifest('a/b', '1', signal))
      await leave(game.game, zoe)
      assert.equal(await game.registry.images(zoe.slug).manifest('a/b', '1', signal), null)
    })
  })
}

test('an index keeps its manifests, and an image its signatures', () => {
  const row = (digest: string, more: object = {}) => ({
    digest,
    tags: [],
    children: [],
    subject: null,
    ...more,
  })
  const rows = [
    row('index', { tags: ['1'], children: ['amd', 'inner'] }),
    ...[row('amd'), row('inner', { children: ['arm'] }), row('arm')],
    ...[row('signature', { subject: 'amd' }), row('orphan'), row('its signature', { subject: 'orphan' })],
    ...[row('old index', { children: ['old'] }), row('old'), row('runs')],
  ]
  const names = unreferred(rows, new Set(['runs'])).map(({ digest }) => digest)
  assert.deepEqual(names, ['orphan', 'its signature', 'old index', 'old'])
})
