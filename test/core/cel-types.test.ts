import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { chainsOf, expressionFault, typedScope } from '../../src/core/cel-types.ts'

const facts = z.object({
  found: z.boolean(),
  head: z.string(),
  count: z.int(),
  commits: z.array(z.object({ sha: z.string(), parents: z.array(z.string()) })),
  files: z.record(z.string(), z.object({ size: z.int() })),
  data: z.record(z.string(), z.unknown()),
  maybe: z.string().nullable(),
})
const scope = () =>
  typedScope({
    facts: { git: facts },
    params: { word: { hex: 8, public: false }, n: { range: [1, 9], public: true } },
  })
const faultOf = (expression: string) => expressionFault(scope(), expression)

test('expressions over facts, parameters and the player are accepted', () => {
  const good = [
    'git.found && size(git.commits) == 2',
    "git.files['a'].size < 10 && params.n >= 3",
    "git.data['a'].b.c == 3",
    'git.commits.exists(c, size(c.parents) > 1)',
    "git.maybe == null || git.maybe == 'x'",
    "re('^v[0-9]+$', git.head) && player.slug != ''",
    'git.head == params.word',
  ]
  for (const expression of good) assert.equal(faultOf(expression), null, expression)
})

test('a misspelt fact, a wrong type, and what does not say yes or no are refused, with the place', () => {
  assert.equal(faultOf('git.haed == 1')?.at, 4)
  assert.match(
    faultOf('git.haed == 1')?.message ?? '',
    /^there is no haed \(did you mean head\?\); there are: found, head, /,
  )
  assert.match(
    faultOf('git.commits.all(c, c.sah == "")')?.message ?? '',
    /did you mean sha\?\); there are: sha, parents$/,
  )
  assert.match(faultOf('gti.found')?.message ?? '', /did you mean git\?\); there are: git, params, player$/)
  assert.match(faultOf('git.count == "x"')?.message ?? '', /not defined|no such overload|Operator/i)
  assert.match(faultOf('git.count')?.message ?? '', /true or false/)
  assert.notEqual(faultOf('params.nothing == 1'), null)
  assert.notEqual(faultOf('image.found'), null)
  assert.notEqual(faultOf('git.found &&'), null)
})

test('backtracking expressions are refused with what to write instead', () => {
  assert.match(faultOf("git.head.matches('(a+)+$')")?.message ?? '', /re\(pattern, text\)/)
  assert.match(faultOf("git.commits.all(c, c.sha.matches('x'))")?.message ?? '', /re\(pattern, text\)/)
  assert.match(faultOf("re('(', git.head)")?.message ?? '', /pattern cannot be read/)
})

test('what an expression looks at is found in it', () => {
  const source = "git.files['a.txt'].size > params.n && git.commits.all(c, size(c.parents) < 2)"
  const chains = chainsOf(scope().environment.parse(source).ast, source)
  assert.deepEqual(chains, ["git.files['a.txt'].size", 'params.n', 'git.commits'])
})
