import assert from 'node:assert/strict'
import { cp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import type { Cluster } from '../../src/board/cluster/types.ts'
import { teardown } from '../../src/cli/board/teardown.ts'
import type { BoardFile } from '../../src/core/board-file.ts'
import { serverIdOf } from '../../src/core/owner.ts'
import { insertPlayer } from '../../src/db/players.ts'
import { dueWorkspaces, insertWorkspace, workspaceBySlug } from '../../src/db/workspaces.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBoard, openBoard, withLock } from '../helpers/board.ts'
import { applyObjects } from '../helpers/board/objects.ts'
import { boardFor, installedCluster, startClusterGame, testBudget, uniqueName } from '../helpers/cluster.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { openFolder, type Command } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const fixture = join(packageRoot(), 'test', 'fixtures', 'hunt-cluster')
const namespace = { apiVersion: 'v1', kind: 'Namespace' }
const finalizer = 'example.org/never'
const secret = 'the secret of a server that runs no more'
const server = serverIdOf(secret)

/** A hunt with an id that no other test has. */
async function writeHunt(folder: string): Promise<string> {
  const id = uniqueName()
  await cp(fixture, folder, { recursive: true })
  const file = join(folder, 'hunt.yaml')
  await writeFile(file, `id: ${id}\n${await readFile(file, 'utf8')}`)
  return id
}

/** A kubeconfig like the administrator's, changed. */
async function kubeconfigWith(file: string, change: (text: string) => string): Promise<string> {
  const { kubeconfig } = await openBoard()
  await writeFile(file, change(await readFile(kubeconfig, 'utf8')))
  return file
}

/** Nobody listens there. */
function deadServer(text: string): string {
  return text.replace(/https:\/\/[\d.:]+/, 'https://127.0.0.1:1')
}

function findingsIn({ out }: Command): Record<string, { part: string; level: string; message: string }[]> {
  const { clusters } = JSON.parse(out) as {
    clusters: { name: string; findings: { part: string; level: string; message: string }[] }[]
  }
  return Object.fromEntries(clusters.map(({ name, findings }) => [name, findings]))
}

/** What one line of one part says, and how bad it is. */
function partIn(answer: Command, part: string, cluster = 'main'): string {
  const found = findingsIn(answer)[cluster]?.filter((one) => one.part === part) ?? []
  return found.map(({ level, message }) => `${level}: ${message}`).join('\n')
}

describe('the board on the command line', { skip: lacksBoard() }, () => {
  let admin: string
  let cluster: Cluster
  before(async () => {
    admin = (await openBoard()).kubeconfig
    const file = boardFor(admin)
    cluster = await installedCluster(file)
  })
  after(() => cluster.close())

  /** A hunt, an empty database and a board.yaml for verbs, each in a process of its own. */
  async function openVerbs(context: TestContext, more: Partial<BoardFile['clusters'][number]> = {}) {
    const { top, command } = await openFolder(context)
    const database = await testDatabase()
    context.after(() => database.close())
    const challenges = join(top, 'challenges')
    const hunt = await writeHunt(challenges)
    const boardPath = join(top, 'board.yaml')
    const writeBoard = async (clusters: Record<string, unknown>[]) =>
      await writeFile(boardPath, stringify({ clusters, budgets: { default: testBudget } }))
    const main = { name: 'main', kubeconfig: admin, ...more }
    await writeBoard([main])
    const places = { CHALLENGES_DIR: challenges, BOARD_FILE: boardPath, DATABASE_URL: database.url }
    const settings = { ...places, MASTER_SECRET: secret }
    const board = (...verb: string[]) => command(['board', ...verb], settings)
    const { sql } = database
    return { top, hunt, sql, main, writeBoard, board }
  }

  /** A namespace of a hunt, removed at the end. */
  async function makeNamespace(context: TestContext, hunt: string, environment = ''): Promise<string> {
    const slug = uniqueName()
    const name = environment === '' ? `hunt-${slug}` : `hunt-${slug}-${environment}`
    context.after(() => cluster.remove(name, { hunt, server }))
    await cluster.ensure({ name, slug, hunt, server, environment, budget: testBudget })
    return name
  }

  const exists = async (hunt: string, name: string) =>
    (await cluster.namespaces({ hunt })).some((one) => one.name === name)

  test('a missing board.yaml, one without clusters and a wrong name are one line each', async (context) => {
    const { command } = await openFolder(context)
    const without = await command(['board', 'check'])
    assert.deepEqual([without.code, without.out], [1, ''])
    assert.match(without.errors, /^This hunt has no board: name its board\.yaml by BOARD_FILE\.\n$/)
    const { board, writeBoard } = await openVerbs(context)
    const unknown = await board('install', 'mian')
    assert.match(unknown.errors, /^board\.yaml has no cluster "mian"; there are: main\.\n$/)
    assert.equal(unknown.code, 1)
    await writeBoard([])
    const bare = await board('check')
    assert.match(bare.errors, /^.*board\.yaml names neither a cluster nor a registry\.\n$/)
  })

  test('install shows what it would change, changes nothing without a yes, and makes the master’s account', async (context) => {
    const image = `board.local/${uniqueName()}`
    const { board, top, main, writeBoard } = await openVerbs(context, {
      kubeconfig: 'not-there-yet.kubeconfig',
      probeImage: image,
    })
    const access = ['--kubeconfig', admin]
    const master = join(top, 'master.kubeconfig')
    await withLock(`${admin}.lock`, async () => {
      const shown = await board('install', 'main', ...access)
      assert.equal(shown.code, 1)
      assert.match(shown.out, new RegExp(`^\\+ +(- )?image: ${image}$`, 'm'))
      assert.match(shown.out, /^\+\+\+ Deployment canary$/m)
      assert.equal(shown.errors, 'Nothing was changed: add --yes to change it without being asked.\n')
      const installed = await board('install', ...access, '--yes', '--write', master)
      assert.equal(installed.code, 0, installed.errors)
      assert.match(installed.out, new RegExp(`^\\+ +(- )?image: ${image}$`, 'm'), 'nothing had been changed')
      assert.match(installed.out, /master\.kubeconfig: the master’s kubeconfig, valid until 20\d\d-/)
      const again = await board('install', ...access, '--write', master)
      assert.equal(again.code, 0, again.errors)
      assert.match(again.out, /cluster main: 0 new, 0 changed, \d+ as they are/)
    })
    assert.equal((await stat(master)).mode & 0o777, 0o600)

    await writeBoard([{ ...main, kubeconfig: master, probeImage: undefined }])
    const checkAgain = async () => {
      // Other tests install with a gateway, which the player's role depends on.
      await board('install', ...access, '--yes')
      return await board('check', '--format', 'json')
    }
    const checked = await until('a check without a fault', 60, checkAgain, ({ code }) => code === 0)
    assert.equal(partIn(checked, 'rights'), 'ok: what is needed and no more')
    assert.match(partIn(checked, 'API server'), /^ok: https:.* answers, v1\./)
    assert.match(partIn(checked, 'policies'), /^ok: roles and admission policies are in place/)
  })

  test('install says that an administrator is needed, and overwrites nobody’s file', async (context) => {
    const { board, top, writeBoard, main } = await openVerbs(context)
    const { text } = await cluster.masterKubeconfig()
    const master = join(top, 'master.kubeconfig')
    await writeFile(master, text)
    await writeBoard([{ ...main, kubeconfig: 'master.kubeconfig' }])
    const refused = await board('install', '--yes')
    assert.equal(refused.code, 1)
    assert.match(refused.errors, /^cluster main refuses: .*forbidden.* name it by --kubeconfig\.\n$/)
    const own = await kubeconfigWith(join(top, 'own.kubeconfig'), (as) => as)
    const kept = await readFile(own, 'utf8')
    const written = await board('install', '--yes', '--kubeconfig', admin, '--write', own)
    assert.match(written.errors, /is not the master’s kubeconfig: name another file\.\n$/)
    assert.equal(await readFile(own, 'utf8'), kept)
    const missing = await board('install', '--kubeconfig', join(top, 'no.kubeconfig'))
    assert.match(missing.errors, /^cluster main: .*no such file.*\n$/)
    const contextless = await board('install', '--kubeconfig', admin, '--context', 'nobody')
    assert.match(contextless.errors, /^cluster main: .*context.*\n$/)
  })

  test('check tells of every cluster: one that is well, one down, one without a kubeconfig, one that lets nobody in', async (context) => {
    const { board, top, hunt, main, writeBoard } = await openVerbs(context)
    const name = await makeNamespace(context, hunt)
    const later = new Date(Date.now() + 3_600_000)
    const player = await cluster.kubeconfig([{ name, hunt, server }], later)
    await writeFile(join(top, 'player.kubeconfig'), player.text)
    await kubeconfigWith(join(top, 'down.kubeconfig'), deadServer)
    await writeBoard([
      { ...main, storageClass: 'no-such-class' },
      { name: 'down', kubeconfig: 'down.kubeconfig' },
      { name: 'nowhere', kubeconfig: 'nowhere.kubeconfig' },
      { name: 'weak', kubeconfig: 'player.kubeconfig' },
    ])
    const answer = await board('check', '--format', 'json')
    assert.equal(answer.code, 1)
    assert.match(
      partIn(answer, 'rights'),
      /^warning: the master may do more than it needs: secrets \(list, create\)/,
    )
    assert.match(partIn(answer, 'storage'), /^fault: there is no storage class no-such-class/)
    assert.match(partIn(answer, 'API server', 'down'), /^fault: cluster down does not answer: .*ECONNREFUSED/)
    assert.match(partIn(answer, 'settings', 'nowhere'), /^fault: .*nowhere\.kubeconfig.*no such file/)
    assert.match(partIn(answer, 'API server', 'weak'), /^ok/)
    assert.match(partIn(answer, 'rights', 'weak'), /^fault: the master lacks: namespaces \(.*delete/)
    assert.match(partIn(answer, 'policies', 'weak'), /^fault: cannot be looked at: .*forbidden/)
    const text = await board('check')
    assert.equal(text.code, 1)
    assert.match(text.out, /^cluster main\n {2}ok {7}API server/m)
    assert.match(text.out, /^cluster down\n {2}fault {4}API server/m)
  })

  test('sweep deletes what no workspace knows, and nothing else', async (context) => {
    const { board, top, hunt, sql, main, writeBoard } = await openVerbs(context)
    const { text } = await cluster.masterKubeconfig()
    await writeFile(join(top, 'master.kubeconfig'), text)
    await writeBoard([{ ...main, kubeconfig: 'master.kubeconfig' }])
    const left = await makeNamespace(context, hunt, 'staging')
    const foreign = await makeNamespace(context, `${hunt}-other`)
    const kept = await makeNamespace(context, hunt)
    const slug = kept.replace('hunt-', '')
    const playerId = await insertPlayer(sql, { slug, name: 'Milo', skeleton: 'milo' })
    await insertWorkspace(sql, { playerId, slug, budget: 'default', environments: [] })
    await sql`update workspaces set state = 'creating', cluster = 'main', next_at = null`

    const dry = await board('sweep', '--dry-run')
    assert.equal(dry.out, `main/${left}\n1 would be deleted\n`, dry.errors)
    assert.equal(dry.code, 0)
    assert.ok(await exists(hunt, left))
    const listed = await board('list')
    assert.match(listed.out, new RegExp(`^${slug} .*creating .*main/${kept} .*Milo$`, 'm'))
    assert.match(listed.out, new RegExp(`^leftover main/${left}: no workspace knows it$`, 'm'))

    const swept = await board('sweep')
    assert.equal(swept.out, `deleted  main/${left}\ndeleted 1, left 0\n`, swept.errors)
    assert.equal(swept.code, 0)
    assert.equal(await exists(hunt, left), false)
    assert.ok(await exists(hunt, kept))
    assert.ok(await exists(`${hunt}-other`, foreign))
    await sql`update workspaces set state = 'gone'`
    assert.match((await board('sweep')).out, new RegExp(`^deleted {2}main/${kept}$`, 'm'))
  })

  test('what a finalizer holds is left, and the receipt says by what', async (context) => {
    const { board, hunt } = await openVerbs(context)
    const [inside, outside] = [await makeNamespace(context, hunt), await makeNamespace(context, hunt)]
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'held', namespace: inside },
    }
    const held = (finalizers: string[]) => ({
      ...account,
      metadata: { ...account.metadata, finalizers },
    })
    const heldOutside = (finalizers: string[]) => ({ ...namespace, metadata: { name: outside, finalizers } })
    const free = () => applyObjects(admin, [held([]), heldOutside([])])
    context.after(() => free().catch(() => undefined))
    await applyObjects(admin, [held([finalizer]), heldOutside([finalizer])])

    const stuck = await board('teardown', '--yes', '--wait', '12')
    assert.equal(stuck.code, 1)
    assert.match(stuck.out, new RegExp(`^left +main/${inside}: .*${finalizer} in 1 resource`, 'm'))
    assert.match(stuck.out, new RegExp(`^left +main/${outside}: .*held by the finalizer ${finalizer}$`, 'm'))
    assert.match(stuck.out, /^deleted 0, left 2$/m)
    const swept = await board('sweep', '--wait', '0')
    assert.match(swept.out, /^deleted 0, left 2$/m)
    assert.equal(swept.code, 1)

    await free()
    const done = await board('teardown', '--yes')
    assert.match(done.out, /left 0$/m)
    assert.equal(done.code, 0)
  })

  test('a cluster that is down is named in the receipt with what must still be there', async (context) => {
    const { board, top, hunt, sql, main, writeBoard } = await openVerbs(context)
    const name = await makeNamespace(context, hunt)
    await kubeconfigWith(join(top, 'down.kubeconfig'), deadServer)
    await writeBoard([main, { name: 'down', kubeconfig: 'down.kubeconfig' }])
    const slug = uniqueName()
    const playerId = await insertPlayer(sql, { slug, name: 'Milo', skeleton: 'milo' })
    await insertWorkspace(sql, { playerId, slug, budget: 'default', environments: ['staging'] })
    await sql`update workspaces set state = 'ready', expires_at = now(), cluster = 'down'`
    const answer = await board('teardown', '--yes')
    assert.equal(answer.code, 1)
    assert.match(answer.out, new RegExp(`^deleted +main/${name}$`, 'm'))
    assert.match(answer.out, new RegExp(`^left +down/hunt-${slug}: cluster down does not answer`, 'm'))
    assert.match(answer.out, new RegExp(`^left +down/hunt-${slug}-staging: cluster down`, 'm'))
    assert.match(answer.out, /^deleted 1, left 2, 1 of the clusters not seen$/m)
    const row = await workspaceBySlug(sql, slug)
    assert.deepEqual([row?.state, row?.again, row?.nextAt !== null], ['deleting', false, true])
    const listed = await board('list', '--format', 'json')
    const list = JSON.parse(listed.out) as { workspaces: { slug: string }[]; unseen: { cluster: string }[] }
    assert.deepEqual(
      list.workspaces.map((one) => one.slug),
      [slug],
    )
    assert.deepEqual(
      list.unseen.map((one) => one.cluster),
      ['down'],
    )
  })

  test('teardown goes on when the hunt’s id is typed, and not for another word', async (context) => {
    const { hunt, sql } = await openVerbs(context)
    const name = await makeNamespace(context, hunt)
    const clusters = [{ name: 'main', cluster, fault: null }]
    const said: string[] = []
    const answering = (answer: string) => {
      const terminal = { say: (line: string) => void said.push(line), ask: () => Promise.resolve(answer) }
      return teardown({ sql, ours: { hunt, server, proofs: server }, clusters }, terminal, { wait: 60 })
    }
    await assert.rejects(answering('yes'), /That is not the hunt’s id\. Nothing was deleted\./)
    assert.ok(await exists(hunt, name))
    assert.equal(await answering(hunt), true, said.join('\n'))
    assert.deepEqual(said, [`deleted  main/${name}`, 'deleted 1, left 0'])
  })

  test('teardown beside a running server: asked for, complete, nothing comes back, and twice does no harm', async (context) => {
    const { top, command } = await openFolder(context)
    const challenges = join(top, 'challenges')
    const hunt = await writeHunt(challenges)
    const game = await startClusterGame({ challenges })
    context.after(() => game.close())
    const players = [await game.register(uniqueName()), await game.register(uniqueName())]
    for (const { playerId } of players) await game.untilWorkspace(playerId, ({ state }) => state === 'ready')
    const { boardFile = '' } = game.game.config
    const settings = { CHALLENGES_DIR: challenges, BOARD_FILE: boardFile, DATABASE_URL: game.database.url }
    const board = (...verb: string[]) => command(['board', ...verb], settings)

    const silent = await board('teardown')
    assert.equal(silent.code, 1)
    assert.match(silent.errors, new RegExp(`^This deletes .* hunt ${hunt}, .* add --yes\\.\n$`))
    assert.equal((await cluster.namespaces({ hunt })).length, 2)

    const done = await board('teardown', '--yes')
    assert.equal(done.code, 0, done.out + done.errors)
    for (const { slug } of players) assert.match(done.out, new RegExp(`^deleted +main/hunt-${slug}$`, 'm'))
    assert.match(done.out, /^deleted 2, left 0$/m)
    assert.deepEqual(await cluster.namespaces({ hunt }), [])
    for (const { playerId } of players) await game.untilWorkspace(playerId, ({ state }) => state === 'gone')
    assert.equal((await dueWorkspaces(game.game.sql, 1e6)).length, 0, 'the server has something to do')
    const again = await board('teardown', '--yes')
    assert.deepEqual([again.code, again.out], [0, 'deleted 0, left 0\n'])
    assert.deepEqual(await cluster.namespaces({ hunt }), [])
  })
})
