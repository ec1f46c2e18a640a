import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { check } from '../../src/checks/answer.ts'
import { PlayerFault } from '../../src/lib/errors.ts'
import { contextOf } from '../helpers/look.ts'

async function isCorrect(spec: unknown, answer: string): Promise<boolean> {
  const { facts, evidence } = await check.look(check.spec.parse(spec), contextOf(null, { answer }))
  assert.equal(facts.given, true)
  assert.ok(!JSON.stringify({ facts, evidence }).includes(answer))
  return facts.correct
}

describe('an answer is looked at', () => {
  it('must be exact where the author says so, but for spaces around it', async () => {
    assert.equal(await isCorrect({ exact: 'Bell of Abhra' }, ' Bell of Abhra\n'), true)
    for (const wrong of ['bell of Abhra', 'Bell  of Abhra', 'Bell of Abhr', 'Bell of Abhra!'])
      assert.equal(await isCorrect({ exact: 'Bell of Abhra' }, wrong), false, wrong)
  })

  it('may differ in case, accents, forms and runs of spaces where it is normalised', async () => {
    const spec = { normalised: 'École du  Nord' }
    for (const right of ['ecole du nord', 'E\u0301COLE\u00a0DU NORD', '  École\tdu\nnord ', 'ｅcole du nord'])
      assert.equal(await isCorrect(spec, right), true, right)
    assert.equal(await isCorrect(spec, 'ecoledunord'), false)
    assert.equal(await isCorrect({ normalised: 'Straße' }, 'STRASSE'), true)
  })

  it('must fit a pattern from end to end', async () => {
    assert.equal(await isCorrect({ re2: '[0-9a-f]{7,40}' }, '3f2a91c'), true)
    for (const wrong of ['3f2a91', 'x3f2a91c', '3f2a91c\nx'])
      assert.equal(await isCorrect({ re2: '[0-9a-f]{7,40}' }, wrong), false, wrong)
    assert.equal(await isCorrect({ re2: '(a+)+b' }, 'a'.repeat(1000)), false)
  })

  it('may be a number near enough, written as people write it', async () => {
    const spec = { number: { value: 1234.5, tolerance: 0.5 } }
    for (const right of ['1234.5', '1 235', '1,234.5', '1234,0', '+1.2345e3', '1’234.5'])
      assert.equal(await isCorrect(spec, right), true, right)
    for (const wrong of ['1235.01', 'NaN', 'Infinity', '0x4d2', '1234.5.0', 'one', '1e999', '٣'])
      assert.equal(await isCorrect(spec, wrong), false, wrong)
    assert.equal(await isCorrect({ number: { value: 1, tolerance: 0.1 } }, '1.1'), true)
    assert.equal(await isCorrect({ number: { value: '42' } }, '42'), true)
  })

  it('is not there when nothing was sent', async () => {
    for (const answer of [undefined, '', ' \n']) {
      const context = contextOf(null, answer === undefined ? {} : { answer })
      const { facts } = await check.look(check.spec.parse({ normalised: 'x' }), context)
      assert.deepEqual(facts, { given: false, correct: false })
    }
  })

  it('is refused when it is too long, without being repeated', async () => {
    const looking = check.look(
      check.spec.parse({ exact: 'x' }),
      contextOf(null, { answer: 'y'.repeat(1_000_000) }),
    )
    await assert.rejects(looking, (error: Error) => {
      assert.ok(error instanceof PlayerFault)
      assert.match(error.message, /at most 1000 characters; this one has 1000000/)
      return true
    })
  })

  it('is described in exactly one way', () => {
    for (const spec of [
      {},
      { exact: 'a', re2: 'b' },
      { re2: '(' },
      { number: { value: 'x', tolerance: -1 } },
    ])
      assert.equal(check.spec.safeParse(spec).success, false, JSON.stringify(spec))
    assert.equal(check.spec.safeParse({ exact: '{{params.word}}' }).success, true)
  })
})
