import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { workspaceRow } from '../../../src/db/workspaces.ts'
import { leave } from '../../../src/game/people/leave.ts'
import { clusterWorkspace } from '../../../src/game/workspaces/workspace.ts'
import { renewWorkspace, repairWorkspace, resetWorkspace } from '../../../src/game/workspaces/lifecycle.ts'
import { lacksBoard, openBoard } from '../../helpers/board.ts'
import { kubectlWith, type Kubectl } from '../../helpers/board/kubectl.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import {
  boardFor,
  startClusterGame,
  turnWorkspace,
  uniqueName,
  type ClusterGame,
} from '../../helpers/cluster.ts'
import { until } from '../../helpers/until.ts'

const skip = lacksBoard() || lacksTools('kubectl')
let kubeconfig: string
let kubectl: Kubectl
let game: ClusterGame

before(async () => {
  if (skip) return
  kubeconfig = (await openBoard()).kubeconfig
  kubectl = kubectlWith(kubeconfig)
  game = await startClusterGame()
})
after(async () => {
  if (!skip) await game.close()
})

const patch = (namespace: string, kind: string, name: string, change: string) =>
  kubectl('-n', namespace, 'patch', kind, name, '--patch', change)

const ready = ({ state }: { state: string }) => state === 'ready'

test(
  'a full cluster lets the next player wait, says how many are before, and serves them in turn',
  { skip },
  async () => {
    const full = await startClusterGame({ board: boardFor(kubeconfig, { capacity: 1 }) })
    try {
      const names = [uniqueName(), uniqueName(), uniqueName()]
      const players = []
      for (const name of names) players.push(await full.register(name))
      const [first, second, third] = players
      assert.ok(first && second && third)
      await full.untilWorkspace(first.playerId, ready)
      await full.untilWorkspace(second.playerId, ({ state }) => state === 'waiting')
      await full.untilWorkspace(third.playerId, ({ state }) => state === 'waiting')
      assert.equal((await clusterWorkspace(full.game, third))?.before, 1)
      await leave(full.game, first)
      await full.untilWorkspace(second.playerId, ready)
      assert.equal((await clusterWorkspace(full.game, third))?.before, 0)
      assert.equal((await workspaceRow(full.game.sql, third.playerId))?.state, 'waiting')
    } finally {
      await full.close()
    }
  },
)

test('what nobody renews is announced, then deleted, and can be had again', { skip }, async () => {
  const player = await game.registerReady()
  await turnWorkspace(game.game.sql, player.playerId, { expiresAt: new Date(Date.now() + 3_600_000) })
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'expiring')
  await renewWorkspace(game.game, player)
  const renewed = await game.untilWorkspace(player.playerId, ready)
  assert.ok((renewed.expiresAt?.getTime() ?? 0) > Date.now() + 13 * 86_400_000)
  await turnWorkspace(game.game.sql, player.playerId, { expiresAt: new Date() })
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'gone')
  await assert.rejects(kubectl('get', 'namespace', `hunt-${player.slug}`), /NotFound/)
  await resetWorkspace(game.game, player, `hunt-${player.slug}`)
  await game.untilWorkspace(player.playerId, ready)
})

test('what an administrator broke by hand is mended', { skip }, async () => {
  const player = await game.registerReady()
  const namespace = `hunt-${player.slug}`
  await kubectl('-n', namespace, 'delete', 'networkpolicy', '--all')
  await patch(namespace, 'resourcequota', 'hunt', '{"spec":{"hard":{"pods":"999"}}}')
  const { version } = await game.untilWorkspace(player.playerId, ready)
  await turnWorkspace(game.game.sql, player.playerId)
  await game.untilWorkspace(player.playerId, (row) => row.version > version + 1)
  assert.match(await kubectl('-n', namespace, 'get', 'networkpolicies'), /hunt-deny/)
  assert.match(await kubectl('-n', namespace, 'get', 'resourcequota', 'hunt', '-o', 'yaml'), /pods: "10"/)
})

test('a namespace that is somebody else’s is left alone, and the organizer reads why', { skip }, async () => {
  const name = uniqueName()
  await kubectl('create', 'namespace', `hunt-${name}`)
  const player = await game.register(name)
  const row = await game.untilWorkspace(player.playerId, ({ state }) => state === 'failed')
  assert.match(row.reason ?? '', /is not a hunt’s: remove it/)
  assert.ok(row.nextAt, 'it is tried again')
  assert.equal(await kubectl('-n', `hunt-${name}`, 'get', 'resourcequota', '-o', 'name'), '')
  await kubectl('delete', 'namespace', `hunt-${name}`)
  await repairWorkspace(game.game, player)
  await game.untilWorkspace(player.playerId, ready)
})

test('a hole in the isolation keeps the namespace back until it is closed', { skip }, async () => {
  const player = await game.register(uniqueName())
  const namespace = `hunt-${player.slug}`
  await game.untilWorkspace(player.playerId, ({ done }) => done.length === 1)
  const hole = `hole-${player.slug}`
  const subject = `--serviceaccount=${namespace}:player`
  await kubectl('create', 'clusterrolebinding', hole, '--clusterrole=view', subject)
  await resetWorkspace(game.game, player, namespace)
  const row = await game.untilWorkspace(player.playerId, ({ state }) => state === 'failed', 60)
  assert.match(row.reason ?? '', /list-all-pods should have been refused: 200: it worked/)
  assert.equal(row.nextAt, null)
  await kubectl('delete', 'clusterrolebinding', hole)
  await repairWorkspace(game.game, player)
  await game.untilWorkspace(player.playerId, ready)
})

test('a namespace that cannot go says what holds it', { skip }, async () => {
  const player = await game.registerReady()
  const namespace = `hunt-${player.slug}`
  await kubectl('-n', namespace, 'create', 'serviceaccount', 'anchor')
  await patch(namespace, 'serviceaccount', 'anchor', '{"metadata":{"finalizers":["example.org/never"]}}')
  await resetWorkspace(game.game, player, namespace)
  const row = await game.untilWorkspace(
    player.playerId,
    ({ reason }) => reason?.includes('finalizers') ?? false,
  )
  assert.match(row.reason ?? '', /example\.org\/never/)
  await patch(namespace, 'serviceaccount', 'anchor', '{"metadata":{"finalizers":null}}')
  await game.untilWorkspace(player.playerId, ready)
})

test('who leaves takes the namespace along, and the slug is not kept', { skip }, async () => {
  const player = await game.registerReady()
  await leave(game.game, player)
  await until(
    'the end of the workspace',
    30,
    async () => !(await workspaceRow(game.game.sql, player.playerId)),
  )
  await assert.rejects(kubectl('get', 'namespace', `hunt-${player.slug}`), /NotFound/)
})
