import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repairWorkspace } from '../../../src/game/workspaces/lifecycle.ts'
import { boardImages } from '../../helpers/board/images.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { applyObjects } from '../../helpers/board/objects.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { boardFor, startClusterGame, turnWorkspace, uniqueName } from '../../helpers/cluster.ts'
import { lacksNode, openNode } from '../../helpers/node.ts'

test(
  'a namespace whose pods reach others is kept back, and the organizer reads what they reached',
  { skip: lacksNode() || lacksTools('kubectl') },
  async () => {
    const { kubeconfig } = await openNode()
    const game = await startClusterGame({ board: boardFor(kubeconfig, { probeImage: boardImages.shell }) })
    try {
      const player = await game.register(uniqueName())
      const namespace = `hunt-${player.slug}`
      const { probes } = await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', 150)
      const reached = probes.filter(({ id }) => id.includes('/reach-'))
      assert.deepEqual(
        reached.map(({ ok, saw }) => [ok, saw]),
        Array(4).fill([true, 'it was not reached']),
      )

      // What a network plugin that enforces nothing amounts to.
      const open = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }
      const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }
      await applyObjects(kubeconfig, [{ ...kind, metadata: { name: 'hole', namespace }, spec: open }])
      await turnWorkspace(game.game.sql, player.playerId, { state: 'probing' })
      const row = await game.untilWorkspace(player.playerId, ({ state }) => state === 'failed', 150)
      assert.match(
        row.reason ?? '',
        /reach-another-workspace should have been refused: it was reached at (canary|10\.)/,
      )
      assert.equal(row.nextAt, null)

      await kubectlWith(kubeconfig, '-n', namespace)('delete', 'networkpolicy', 'hole')
      await repairWorkspace(game.game, player)
      await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', 150)
    } finally {
      await game.close()
    }
  },
)
