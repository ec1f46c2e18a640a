import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../src/lib/root.ts'
import { run } from '../../helpers/board/run.ts'
import { startGame } from '../../helpers/game.ts'
import { until } from '../../helpers/until.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

test('a push that waits for its verdict when the server stops is let go, and told where to read it', async () => {
  // Nobody judges here.
  const settings = { PUSH_WAIT_SECONDS: '60' }
  const hunt = await startGame({ challenges: small, roles: ['web'], settings })
  const player = await hunt.register('Patient')
  const clone = join(hunt.dataDir, 'clone')
  await run('git', ['clone', '-q', hunt.cloneUrl(player, 'first'), clone])
  const author = ['-c', 'user.name=Patient', '-c', 'user.email=patient@example.test']
  await run('git', ['-C', clone, ...author, 'commit', '-q', '--allow-empty', '-m', 'wait'])
  const push = spawn('git', ['-C', clone, 'push'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  push.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => push.once('close', resolve))
  const rows = () => hunt.game.sql`select 1 from submissions where player_id = ${player.playerId}`
  await until('the push’s submission', 20, rows, (found) => found.length > 0)
  const began = performance.now()
  await hunt.close()
  assert.equal(await ended, 0, said)
  assert.ok(performance.now() - began < 30_000, 'it waited to the end')
  assert.match(said, /being judged: http\S+\/hunt\/first/)
})
