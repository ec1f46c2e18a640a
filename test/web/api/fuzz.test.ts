import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promote } from '../../../src/game/people/organizers.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { lacksTools, tool } from '../../helpers/board/tools.ts'
import type { TestGame } from '../../helpers/game.ts'
import { startOddGame } from '../../helpers/odd.ts'

/** Whoever looks for other faults takes another one; a failure says which it was. */
const seed = process.env['FUZZ_SEED'] ?? '20261128'
/** Of each call, for whom all of it is open; CI is not made to wait, and nobody who tries a change. */
const examples = Number(process.env['FUZZ_EXAMPLES'] ?? 10)
/** Seconds. */
const patience = 300

const settings = join(packageRoot(), 'test', 'helpers', 'fuzz')
const env = { ...process.env, SCHEMATHESIS_HOOKS: join(settings, 'hooks.py') }
const skip = lacksTools('schemathesis')

describe('A fuzzer that has read the document', { skip, concurrency: false }, () => {
  let hunt: TestGame
  let folder: string
  before(async () => {
    hunt = await startOddGame()
    folder = await mkdtemp(join(tmpdir(), 'shambhala-fuzz-'))
  })
  after(async () => {
    await hunt.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What ends the token that asks, and what never ends, are asked by themselves. */
  const apart = ['revokeToken', 'leaveHunt', 'readEvents'].flatMap((id) => ['--exclude-operation-id', id])

  test('finds nothing amiss with a player’s token', async () => {
    const { token } = await hunt.register('Fuzzed Player')
    await fuzz([...apart, '--max-examples', String(examples)], token)
  })
  test('finds nothing amiss with an organizer’s token', async () => {
    const { token, memberId } = await hunt.register('Fuzzed Organizer')
    await promote(hunt.game, memberId)
    await fuzz([...apart, '--max-examples', '3'], token)
  })
  test('finds nothing amiss without a token', async () => {
    // Who registers needs no token, and has been asked above.
    await fuzz([...apart, '--exclude-operation-id', 'createPlayer', '--max-examples', '3'])
  })
  test('finds nothing amiss where it revokes tokens and leaves', async () => {
    const { token } = await hunt.register('Fuzzed Leaver')
    await fuzz(['--include-operation-id', 'revokeToken', '--max-examples', '10'], token)
    await fuzz(['--include-operation-id', 'leaveHunt', '--max-examples', '3'], token)
  })
  test('reads events off the stream as the document describes them', async () => {
    const { token } = await hunt.register('Fuzzed Listener')
    // A stream does not end by itself: what came within a second is looked at.
    const some = ['--include-operation-id', 'readEvents', '--max-examples', '2', '--request-timeout', '1']
    await fuzz(some, token)
    await fuzz(some)
  })

  async function fuzz(more: readonly string[], token?: string): Promise<void> {
    const args = [
      ...['--config-file', join(settings, 'schemathesis.toml')],
      ...['run', `${hunt.url}/api/v1/openapi.json`, '--url', `${hunt.url}/api/v1`],
      ...['--phases', 'coverage,fuzzing', '--suppress-health-check', 'all'],
      ...['--seed', seed, '--no-color', '--warnings', 'off', ...more],
      ...(token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]),
    ]
    const { code, said } = await run(args)
    assert.equal(code, 0, `schemathesis ${args.join(' ')}\n${said}`)
    assert.match(said, /\d+ passed|no issues found/i)
  }

  function run(args: readonly string[]): Promise<{ code: number; said: string }> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        tool('schemathesis'),
        [...args],
        { cwd: folder, env, timeout: patience * 1000, maxBuffer: 50_000_000 },
        (_error, out, errors) => {
          if (child.exitCode === null)
            reject(new Error(`it took longer than ${patience} s:\n${out}${errors}`))
          else resolve({ code: child.exitCode, said: `${out}${errors}` })
        },
      )
    })
  }
})
