import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { submit } from '../../../src/game/judging/submit.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { clusterWorkspace } from '../../../src/game/workspaces/workspace.ts'
import { openBoard } from '../../helpers/board.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { applyObjects } from '../../helpers/board/objects.ts'
import { lacksControlPlane, lacksTools } from '../../helpers/board/tools.ts'
import { startClusterGame, type ClusterGame } from '../../helpers/cluster.ts'
import { releaseJson, storedRelease } from '../../helpers/stored-release.ts'
import { until } from '../../helpers/until.ts'

const skip = lacksControlPlane() || lacksTools('kubectl')

test(
  'a namespace that went with its cluster is made anew at once, its player reads it, and nothing lost reads as a mistake',
  { skip },
  async (t) => {
    const { kubeconfig } = await openBoard()
    const game = await startClusterGame()
    t.after(() => game.close())
    const player = await game.registerReady()
    const namespace = `hunt-${player.slug}`
    const kubectl = kubectlWith(kubeconfig)
    await applyObjects(kubeconfig, [storedRelease(releaseJson({ name: 'bell', namespace }))])
    await until(
      'the first verdict',
      30,
      () => verdicts(game, player),
      (list) => list.length === 1,
    )

    await kubectl('delete', 'namespace', namespace, '--wait=false')
    const asked = { player, memberId: player.memberId, challengeId: 'release', trigger: 'button' as const }
    await submit(game.game, asked)
    const { notice } = await game.untilWorkspace(
      player.playerId,
      (row) => row.state === 'ready' && row.notice !== null,
      60,
    )
    assert.deepEqual([notice?.what, notice?.items], ['lost', [namespace]])
    assert.equal((await clusterWorkspace(game.game, player))?.notice?.what, 'lost')
    // Time for whoever looks unasked, and for what was handed in before to be looked at again.
    await sleep(5000)
    const failed = (await verdicts(game, player)).filter((verdict) => verdict === 'failed')
    assert.equal(failed.length, 1)
  },
)

async function verdicts({ game }: ClusterGame, { playerId }: Registered): Promise<(string | null)[]> {
  const rows = await game.sql<{ verdict: string | null }[]>`
    select verdict from submissions where player_id = ${playerId} and status <> 'superseded' order by received_at`
  return rows.map(({ verdict }) => verdict)
}
