import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { solvesOf } from '../../../src/db/solves.ts'
import { lacksBoard } from '../../helpers/board.ts'
import { lacksTools, tool } from '../../helpers/board/tools.ts'
import { startClusterGame, uniqueName, type ClusterGame } from '../../helpers/cluster.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { openShell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

const skip = lacksBoard() || lacksTools('helm3', 'helm4', 'kubectl')
let game: ClusterGame

before(async () => {
  if (!skip) game = await startClusterGame()
})
after(async () => {
  if (!skip) await game.close()
})

async function ask(player: Registered, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${player.token}`, 'Content-Type': 'application/json' }
  return await fetch(`${game.url}/api/v1${path}`, { ...init, headers, signal: AbortSignal.timeout(20_000) })
}

/** A player's machine with their kubeconfig, and a chart of one ConfigMap and a Deployment that nobody runs. */
async function machineOf(player: Registered) {
  const shell = openShell()
  const answer = await ask(player, '/workspace/kubeconfig')
  assert.equal(answer.status, 200)
  await writeFile(join(shell.folder, 'config'), await answer.text(), { mode: 0o600 })
  const chart = [
    'mkdir -p bell/templates',
    "printf 'apiVersion: v2\\nname: bell\\nversion: 1.0.0\\n' > bell/Chart.yaml",
    "printf 'apiVersion: v1\\nkind: Service\\nmetadata: {name: bell}\\nspec: {selector: {app: bell}, ports: [{port: 80}]}\\n' > bell/templates/service.yaml",
  ]
  await shell.run(chart.join(' && '))
  const run = (command: string) => shell.run(command, { KUBECONFIG: join(shell.folder, 'config') })
  return { run, remove: () => shell.remove() }
}

async function untilSolved(player: Registered, challenge: string, seconds = 20): Promise<void> {
  await until(
    `the solve of ${challenge}`,
    seconds,
    () => solvesOf(game.game.sql, player.playerId),
    (solves) => solves.some(({ challengeId }) => challengeId === challenge),
  )
}

test('who registers gets a namespace of their own, probed before it is handed over', { skip }, async () => {
  const player = await game.register(uniqueName())
  const row = await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
  assert.equal(row.cluster, 'main')
  assert.deepEqual(row.done, [`hunt-${player.slug}`])
  assert.ok(row.probes.filter(({ expected }) => expected === 'refused').length >= 20, 'refused')
  assert.ok(row.probes.filter(({ expected }) => expected === 'allowed').length >= 8, 'allowed')
  assert.deepEqual(
    row.probes.filter(({ ok }) => !ok),
    [],
  )
})

test(
  'helm install and upgrade solve a stage by themselves, and a ConfigMap the next one',
  { skip },
  async () => {
    const player = await game.registerReady()
    const machine = await machineOf(player)
    const installed = await machine.run(`${tool('helm3')} install bell ./bell`)
    assert.equal(installed.code, 0, installed.stderr)
    const upgraded = await machine.run(`${tool('helm4')} upgrade bell ./bell --set a=b`)
    assert.equal(upgraded.code, 0, upgraded.stderr)
    await untilSolved(player, 'release')
    const note = await machine.run('kubectl create configmap note')
    assert.equal(note.code, 0, note.stderr)
    await untilSolved(player, 'note')
    machine.remove()
  },
)

test('a kubeconfig opens its own namespace and no other', { skip }, async () => {
  const [tara, neighbour] = [await game.registerReady(), await game.registerReady()]
  const machine = await machineOf(tara)
  assert.equal((await machine.run('kubectl get pods')).code, 0)
  const text = (await machine.run('cat config')).stdout
  const { contexts } = parse(text) as { contexts: { context: { namespace: string } }[] }
  assert.deepEqual(
    contexts.map(({ context }) => context.namespace),
    [`hunt-${tara.slug}`],
  )
  for (const what of ['get pods', 'get secrets', 'create configmap x']) {
    const { code, stderr } = await machine.run(`kubectl -n hunt-${neighbour.slug} ${what}`)
    assert.notEqual(code, 0)
    assert.match(stderr, /forbidden/)
  }
  machine.remove()
})

test('a reset asks for the name, ends old tokens, and leaves an empty namespace', { skip }, async () => {
  const player = await game.registerReady()
  const machine = await machineOf(player)
  await machine.run('kubectl create configmap keepsake')
  const refused = await ask(player, '/workspace/reset', {
    method: 'POST',
    body: JSON.stringify({ namespace: 'hunt-other' }),
  })
  assert.equal(refused.status, 422)
  assert.match(await refused.text(), new RegExp(`type the name of your namespace: hunt-${player.slug}`))
  const body = JSON.stringify({ namespace: `hunt-${player.slug}` })
  assert.equal((await ask(player, '/workspace/reset', { method: 'POST', body })).status, 202)
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'deleting')
  assert.equal((await ask(player, '/workspace/kubeconfig')).status, 409)
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
  // The API server remembers for ten seconds whom it let in.
  await until('the end of the old token', 20, async () => (await machine.run('kubectl get pods')).code !== 0)
  const fresh = await machineOf(player)
  assert.doesNotMatch((await fresh.run('kubectl get configmaps')).stdout, /keepsake/)
  machine.remove()
  fresh.remove()
})
