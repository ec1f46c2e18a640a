import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { setRegistration } from '../../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame } from '../../helpers/game.ts'

const text = readFileSync(join(packageRoot(), 'docs', 'api.md'), 'utf8')
const lines = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
const registering = lines.find((block) => block.includes('/api/v1/players')) ?? ''

test('two players behind one address register by the lines of the guide, with the code that is asked for', async (t) => {
  const fixtures = join(packageRoot(), 'test', 'fixtures')
  const game = await startGame({ challenges: join(fixtures, 'hunt-small') })
  t.after(() => game.close())
  const organizer = await game.register('Code Keeper')
  await setRegistration(game.game, organizer.memberId, 'code', 'yak-butter')
  const register = async (name: string) => {
    const script = registering.replace('CODE=…', 'CODE=yak-butter').replace('Ada Lovelace', name)
    const { stdout } = await promisify(execFile)('bash', ['-c', `HUNT=${game.url}\n${script}`])
    return JSON.parse(stdout) as { name: string; token: string }
  }
  const [ada, grace] = [await register('Ada Lovelace'), await register('Grace Hopper')]
  assert.deepEqual([ada.name, grace.name], ['Ada Lovelace', 'Grace Hopper'])
  assert.notEqual(ada.token, grace.token)
})
