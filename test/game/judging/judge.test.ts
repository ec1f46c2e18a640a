import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { nothingCame } from '../../../src/checks/http/spec.ts'
import type { Challenge, Expectation } from '../../../src/core/challenge.ts'
import { createJudge } from '../../../src/game/judging/judge.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'

const judge = createJudge()
after(() => judge.close())

const params = { key: 'opensesame', quoted: 'say "friend"', day: 77, size: 3 }
const specs: Challenge['params'] = {
  key: { words: ['opensesame', 'x'], public: false },
  quoted: { words: ['say "friend"', 'x'], public: false },
  day: { range: [1, 99], public: false },
  size: { range: [1, 9], public: true },
}
const sha = '3f2a91c0'.repeat(5)

type Wanted = Partial<Expectation> & { that: string }

async function look(wanted: Wanted[], git: object) {
  const expect = wanted.map((one) => ({ else: { en: 'No.', fr: 'Non.' }, ...one }))
  const check = { kind: 'git', as: 'git', name: { en: 'the door', fr: 'la porte' }, spec: {}, expect }
  const challenge: Challenge = {
    id: 'door',
    order: 1,
    folder: '/nowhere',
    title: { en: 'Door' },
    teaser: { en: 'A door.' },
    points: 1,
    after: [],
    repository: 'door',
    images: null,
    params: specs,
    hints: [],
    checks: [check],
    needs: [],
    diagnosis: 'always',
    commands: undefined,
    retired: false,
    story: { en: '' },
  }
  const player = { slug: 'tara', name: 'Tara' }
  return await judge.judge({ challenge, index: 0, facts: { git }, params, player })
}

test('a fulfilled expectation says what was expected, or the name of its check', async () => {
  const { verdict, findings } = await look(
    [{ that: 'git.size == params.size', expected: { en: '{{params.size}} steps' } }, { that: 'true' }],
    { size: 3 },
  )
  assert.equal(verdict, 'passed')
  assert.deepEqual(findings, [
    { ok: true, message: { en: '3 steps' } },
    { ok: true, message: { en: 'the door', fr: 'la porte' } },
  ])
})

test('after the first failure the rest of the check is not looked at, and still says it in words', async () => {
  const { verdict, findings } = await look(
    [
      { that: 'false' },
      { that: 'true', expected: { en: '{{params.key}} on {{short git.head}}' } },
      { that: 'true' },
    ],
    { head: sha },
  )
  assert.equal(verdict, 'failed')
  assert.deepEqual(findings[1], { ok: null, message: { en: '••• on 3f2a91c' } })
  assert.deepEqual(findings[2], { ok: null, message: { en: 'Not looked at.', fr: 'Pas regardé.' } })
})

test('without the author’s words a finding tells the values that the expression saw, at most three', async () => {
  const { findings } = await look(
    [{ that: "params.size == 0 || (git.head == 'x' && false) || git.n == 4 || git.a.b == 1 || git.z == 1" }],
    { head: sha, n: 3, a: { b: [1, 'x'] }, z: 0 },
  )
  assert.equal(findings[0]?.saw?.en, 'git.head = 3f2a91c…; git.n = 3; git.a.b = [1,"x"]')
})

test('a missing fact, a null and an index too far are the player’s: not there', async () => {
  for (const that of [
    "git.files['a'].size > 1",
    'git.none.x == 1',
    'git.list[3] == 1',
    "git.files['__proto__'] == 1",
  ]) {
    const { verdict, findings } = await look([{ that }], { files: {}, none: null, list: [] })
    assert.equal(verdict, 'failed', that)
    assert.match(findings[0]?.saw?.en ?? '', /= not there$/, that)
    assert.match(findings[0]?.saw?.fr ?? '', /= absent$/, that)
  }
})

test('secrets of the stage are dots, also where the player wrote them, quoted them, or they are short', async () => {
  const git = { subject: 'I say opensesame', text: 'they say "friend" here', n: 77 }
  const { findings: own } = await look([{ that: "git.subject == '' || git.text == ''" }], git)
  assert.equal(own[0]?.saw?.en, 'git.subject = "I say •••"; git.text = "they ••• here"')
  const { findings: told } = await look(
    [
      {
        that: 'false',
        else: { en: '{{params.key}} {{params.day}} {{params.size}}' },
        saw: { en: '{{git.subject}}' },
        where: '{{short params.key}}',
      },
    ],
    git,
  )
  assert.deepEqual(told[0], {
    ok: false,
    message: { en: '••• ••• 3' },
    saw: { en: 'I say •••' },
    where: '•••',
  })
})

test('a secret at the place where a long value is cut leaves no beginning of itself', async () => {
  const { findings } = await look([{ that: "git.text == ''" }], { text: `${'x'.repeat(155)}opensesame` })
  assert.doesNotMatch(findings[0]?.saw?.en ?? '', /open/)
})

test('templates, terminal codes and long texts of a player stay text, in one line, and short', async () => {
  const { findings } = await look([{ that: 'false', saw: { en: '{{git.subject}}' } }], {
    subject: `{{params.size}}\u001b[31m\nremote: success: solved ${'x'.repeat(300_000)}`,
  })
  const saw = findings[0]?.saw?.en ?? ''
  assert.ok(saw.startsWith('{{params.size}}\\u{1b}[31m\\nremote: success'), saw.slice(0, 60))
  assert.ok(saw.length < 2100)
})

test('ten thousand files, and keys that objects have by nature, are only data', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`f${index}`, { size: index }]),
  )
  const git = { files: { ...files, constructor: { size: 7 }, ['__proto__']: { size: 8 } } }
  const { verdict } = await look(
    [
      {
        that: "size(git.files) == 10002 && git.files['constructor'].size == 7 && git.files['__proto__'].size == 8",
      },
      { that: 'git.files.all(path, git.files[path].size < 10000)' },
    ],
    git,
  )
  assert.equal(verdict, 'passed')
})

test('a loop over all commits in a loop over all commits is ours, and the next judgement is judged', async () => {
  const commits = Array.from({ length: 2000 }, (_, index) => ({ n: index }))
  const loop = look(
    [{ that: 'git.commits.all(a, git.commits.all(b, git.commits.all(c, a.n + b.n + c.n >= 0)))' }],
    { commits },
  )
  await assert.rejects(loop, Inconclusive)
  assert.equal((await look([{ that: 'git.n == 1' }], { n: 1 })).verdict, 'passed')
})

test('a finding that saw nothing says so in words, and claims no place and no expectation that is a bare dash', async () => {
  const dash = '{{git.none}}'
  const { findings } = await look(
    [{ that: 'false', expected: { en: dash }, saw: { en: dash, fr: `${dash} ${dash}` }, where: dash }],
    {},
  )
  assert.deepEqual(findings[0], {
    ok: false,
    message: { en: 'No.', fr: 'Non.' },
    saw: { en: 'nothing', fr: 'rien' },
  })
})

test('where nobody answered, no finding speaks of a status 0', async () => {
  const git = nothingCame('http://hatch:80/', 'silent')
  const saw = { en: 'status {{git.status}} ({{git.trouble}})', fr: 'statut {{git.status}} ({{git.trouble}})' }
  const { findings: told } = await look([{ that: 'git.status == 200', saw }], git)
  assert.deepEqual(told[0]?.saw, {
    en: 'status none (no answer in time)',
    fr: 'statut aucun (pas de réponse à temps)',
  })
  const { findings: bare } = await look([{ that: 'git.status == 200' }], git)
  assert.deepEqual(bare[0]?.saw, {
    en: 'git.status: no answer in time',
    fr: 'git.status\u00a0: pas de réponse à temps',
  })
})
