import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Inconclusive } from '../../src/lib/errors.ts'
import { createEvaluator } from '../../src/lib/evaluator.ts'

const evaluator = createEvaluator({ milliseconds: 1500 })
after(() => evaluator.close())
const ask = async (that: string, values: Record<string, unknown>) => {
  const [first] = await evaluator.evaluate([{ that, chains: [] }], values)
  return first?.result
}

test('numbers of facts meet numbers of expressions', async () => {
  const values = { n: 3, items: [1, 2], files: { a: { size: 9 } }, big: 2 ** 60, half: 0.5 }
  assert.deepEqual(await ask("n == 3 && size(items) == 2 && files['a'].size < 10 && half < 1.0", values), {
    value: true,
  })
  assert.deepEqual(await ask('big > 1.0', values), { value: true })
  assert.deepEqual(await ask('n * 0.5 == 1.5 && half + n == 3.5 && n / 2.0 - half == 1.0', values), {
    value: true,
  })
})

test('what is not there is an error of the facts, and nothing of a prototype can be reached', async () => {
  for (const expression of [
    "files['b'] == 1",
    "files['__proto__'] == 1",
    "files['constructor'] == 1",
    'items[7] == 1',
  ]) {
    const result = await ask(expression, { files: { a: 1 }, items: [] })
    assert.ok(result && 'error' in result, expression)
  }
  const hostile = JSON.parse('{"files": {"__proto__": 5, "constructor": 6}}') as Record<string, unknown>
  assert.deepEqual(await ask("files['__proto__'] == 5 && files['constructor'] == 6", hostile), {
    value: true,
  })
})

test('a pattern that would run for ever elsewhere answers at once', async () => {
  assert.deepEqual(await ask("re('^(a+)+$', text)", { text: `${'a'.repeat(5000)}!` }), { value: false })
})

test('a loop without end is stopped, is ours, and holds nobody else up', async () => {
  const commits = Array.from({ length: 2000 }, (_, index) => index)
  const loop = ask('c.all(a, c.all(b, c.all(d, a + b + d >= 0)))', { c: commits })
  const others = Array.from({ length: 20 }, (_, index) => ask(`n == ${index}`, { n: index }))
  await assert.rejects(loop, Inconclusive)
  assert.deepEqual(
    await Promise.all(others),
    others.map(() => ({ value: true })),
  )
})

test('after the first that is not true nothing more is evaluated, and that one tells what it looked at', async () => {
  const results = await evaluator.evaluate(
    [
      { that: 'n == 1', chains: ['n'] },
      { that: 'n == 2', chains: ['n', 'm.x'] },
      { that: 'n == 1', chains: [] },
    ],
    { n: 1, m: {} },
  )
  assert.equal(results.length, 2)
  assert.deepEqual(results[1]?.seen[0], { value: 1 })
  assert.ok(results[1].seen[1] && 'error' in results[1].seen[1])
})
