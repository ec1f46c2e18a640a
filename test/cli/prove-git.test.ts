import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { assertProven, startProof } from '../helpers/proof.ts'

const stages = ['torn-map', 'sealed-whisper', 'silent-bell', 'leaked-key', 'witness-bridge']

test('the stages on Git are proven, and every line that they print works in bash, with core.autocrlf on and off', async () => {
  const proved = await startProof(stages, join(packageRoot(), 'challenges'), {}).ended
  assertProven(proved, stages, ['starter', 'solution', 'neighbour', 'wrong', 'lines'])
})
