import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import type { CheckKind, Look } from '../../../src/checks/check.ts'
import { submissionById } from '../../../src/db/submissions.ts'
import { challengeOf } from '../../../src/game/game.ts'
import { submit } from '../../../src/game/judging/submit.ts'
import { createWorker } from '../../../src/game/judging/work.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { transcribe } from '../../../src/game/triggers/transcript.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openJar } from '../../helpers/jar.ts'

let hunt: TestGame
before(async () => {
  // Whoever works here is the test, one look after the other.
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    roles: ['web'],
  })
})
after(() => hunt.close())

type Outcome = 'pending' | 'inconclusive'

/** A submission, and the looks at it. No real artefact says on demand that it is under way or cannot be looked at: the kind of check stands in. */
async function looking(player: Registered) {
  const real = hunt.game.kinds.get('answer')
  assert.ok(real)
  let outcome: Outcome = 'pending'
  const look = (): Promise<Look<unknown>> => {
    if (outcome === 'inconclusive') return Promise.reject(new Inconclusive('the other side is away'))
    const why = { en: 'It is under way.', fr: 'C’est en cours.' }
    return Promise.resolve({
      facts: { given: true, correct: false },
      evidence: [],
      pending: true,
      why,
      again: 1,
    })
  }
  const kind: CheckKind<unknown, unknown> = { ...real, look }
  const game = { ...hunt.game, kinds: new Map([...hunt.game.kinds, ['answer', kind]]) }
  const worker = createWorker(game, () => Promise.resolve())
  const { memberId, playerId } = player
  const given = { player, memberId, challengeId: 'word', trigger: 'button', answer: 'om' } as const
  const id = await submit(hunt.game, given)
  const row = async () => {
    const found = await submissionById(hunt.game.sql, id)
    assert.ok(found)
    return found
  }
  return {
    row,
    look: async (next: Outcome, times = 1) => {
      outcome = next
      for (let done = 0; done < times; done += 1)
        await worker.handle({ id, attempt: (await row()).attempt, lane: playerId })
    },
    said: async (language: 'en' | 'fr') => {
      const challenge = challengeOf(hunt.game, 'word')
      return await transcribe(hunt.game, challenge, await row(), { language, origin: 'http://hunt' })
    },
  }
}

test('a submission that waited long for something under way is still looked at again when our side fails once', async () => {
  const one = await looking(await hunt.register('Ada'))
  await one.look('pending', 12)
  await one.look('inconclusive')
  const { status, verdict, unclear } = await one.row()
  assert.deepEqual({ status, verdict, unclear }, { status: 'waiting', verdict: 'inconclusive', unclear: 1 })
})

test('ten looks that see nothing end the submission, and no pending one among them counts', async () => {
  const one = await looking(await hunt.register('Bo'))
  for (let round = 0; round < 9; round += 1) {
    await one.look('inconclusive')
    await one.look('pending')
  }
  assert.equal((await one.row()).status, 'waiting')
  await one.look('inconclusive')
  const { status, verdict, unclear } = await one.row()
  assert.deepEqual({ status, verdict, unclear }, { status: 'done', verdict: 'inconclusive', unclear: 10 })
})

test('while we try again terminal and page say so with how often we looked; once given up, they say what to do', async () => {
  const cy = await hunt.register('Cy')
  const one = await looking(cy)
  const browser = await openJar(hunt.url, 'Cy')
  const page = async () => (await browser.get('/hunt/word')).text

  await one.look('inconclusive')
  assert.match((await one.said('en')).join('\n'), /we try again by ourselves/)
  assert.match(await page(), /We have looked once, and try again by ourselves/)
  await one.look('inconclusive')
  assert.match(await page(), /We have looked 2 times, and try again by ourselves/)

  await one.look('inconclusive', 8)
  assert.equal((await one.row()).status, 'done')
  const english = (await one.said('en')).join('\n')
  assert.doesNotMatch(english, /by ourselves/)
  assert.match(english, /Ask again there:/)
  assert.match((await one.said('fr')).join('\n'), /Redemande là-bas : http/)
  const given = await page()
  assert.match(given, /We have looked 10 times and do not try again by ourselves/)
  assert.doesNotMatch(given, /and try again by ourselves/)
})
