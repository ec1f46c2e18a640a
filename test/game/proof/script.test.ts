import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Challenge } from '../../../src/core/challenge.ts'
import { runShell } from '../../../src/game/proof/script.ts'
import { Fault } from '../../../src/lib/errors.ts'
import { wrongWaysOf } from '../../../src/game/hunt/wrong-ways.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shambhala-test-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function challengeWith(expectation: string | null): Promise<Challenge> {
  const root = await mkdtemp(join(folder, 'challenge-'))
  await mkdir(join(root, 'wrong', 'hasty'), { recursive: true })
  if (expectation !== null) await writeFile(join(root, 'wrong', 'hasty', 'expect.yaml'), expectation)
  // Only its folder is looked at.
  return { folder: root } as Challenge
}

test('the answer is what follows "answer:" on the last such line', async () => {
  const run = await runShell(['-c', 'echo answer: no; echo working; echo "answer: tin ferret"'], {})
  assert.equal(run.code, 0)
  assert.equal(run.answer, 'tin ferret')
})

test('a script gets its variables and none of this process’s own', async () => {
  process.env['SHAMBHALA_TEST_SECRET'] = 'not for scripts'
  try {
    const run = await runShell(['-c', 'echo "answer: $GIVEN/${SHAMBHALA_TEST_SECRET:-unset}"'], {
      GIVEN: 'yak',
    })
    assert.equal(run.answer, 'yak/unset')
  } finally {
    delete process.env['SHAMBHALA_TEST_SECRET']
  }
})

test('a script starts in an empty folder, which is gone afterwards', async () => {
  const run = await runShell(['-c', 'touch left && echo "answer: $(ls -A | tr "\\n" " ")$PWD"'], {})
  const [listed, place] = (run.answer ?? '').split(' ')
  assert.equal(listed, 'left')
  await assert.rejects(rm(place ?? '', { recursive: true }))
})

test('a script that hangs is ended with everything it started', async () => {
  const run = await runShell(['-c', 'sleep 60 & wait'], {}, { seconds: 1 })
  assert.notEqual(run.code, 0)
  assert.match(run.output, /still running after 1 s/)
})

test('a wrong way without expect.yaml, or with a useless one, is named with what to write', async () => {
  await assert.rejects(wrongWaysOf(await challengeWith(null)), (error: Error) => {
    assert.ok(error instanceof Fault)
    assert.match(
      error.message,
      /wrong\/hasty\/expect\.yaml:1: this file is missing: write "check:" and "finding:" in it/,
    )
    return true
  })
  await assert.rejects(wrongWaysOf(await challengeWith('check: 0\n')), /expect\.yaml:1: finding: is missing/)
  const [way] = await wrongWaysOf(await challengeWith('check: 0\nfinding: Too early.\n'))
  assert.deepEqual(way?.expect, { check: 0, finding: 'Too early.' })
})
