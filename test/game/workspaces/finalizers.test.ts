import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recentAudit } from '../../../src/db/audit.ts'
import { resetWorkspace } from '../../../src/game/workspaces/lifecycle.ts'
import { clusterWorkspace } from '../../../src/game/workspaces/workspace.ts'
import { openBoard } from '../../helpers/board.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { lacksControlPlane, lacksTools } from '../../helpers/board/tools.ts'
import { boardFor, startClusterGame } from '../../helpers/cluster.ts'

test(
  'finalizers that a player sets hold a reset for a while only, and player and organizer read which were taken off',
  { skip: lacksControlPlane() || lacksTools('kubectl') },
  async (t) => {
    const { kubeconfig } = await openBoard()
    const game = await startClusterGame({ board: boardFor(kubeconfig, { finalizerMinutes: 0.05 }) })
    t.after(() => game.close())
    const player = await game.registerReady()
    const namespace = `hunt-${player.slug}`
    const kubectl = kubectlWith(kubeconfig, '-n', namespace)
    const held = ['configmap/note', 'serviceaccount/anchor', 'secret/chest', 'job/climb']
    await kubectl('create', 'configmap', 'note')
    await kubectl('create', 'serviceaccount', 'anchor')
    await kubectl('create', 'secret', 'generic', 'chest')
    await kubectl('create', 'job', 'climb', '--image=board.local/shell:1')
    const finalizers = '{"metadata":{"finalizers":["example.org/never"]}}'
    for (const one of held) await kubectl('patch', one, '--type=merge', '-p', finalizers)

    await resetWorkspace(game.game, player, namespace)
    await game.untilWorkspace(player.playerId, ({ state }) => state === 'creating', 60)
    await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', 60)
    const told = (await clusterWorkspace(game.game, player))?.notice
    assert.equal(told?.what, 'freed')
    const names = ['ConfigMap note', 'Job climb', 'Secret chest', 'ServiceAccount anchor']
    assert.deepEqual(
      told.items.toSorted(),
      names.map((name) => `${namespace}: ${name}: example.org/never`),
    )
    const audit = (await recentAudit(game.game.sql, 10)).filter(({ action }) => action === 'workspace-freed')
    assert.match(JSON.stringify(audit), /Job climb: example\.org\/never/)
  },
)
