import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { nothingThere as noChart } from '../../../src/checks/chart/spec.ts'
import type { CheckKinds } from '../../../src/checks/check.ts'
import { nothingThere as noBranch } from '../../../src/checks/git/spec.ts'
import { nothingThere as noRelease } from '../../../src/checks/helm/spec.ts'
import { nothingCame } from '../../../src/checks/http/spec.ts'
import { nothingThere as noImage } from '../../../src/checks/image/spec.ts'
import { loadChecks } from '../../../src/checks/index.ts'
import type { Challenge } from '../../../src/core/challenge.ts'
import type { Finding } from '../../../src/core/verdict.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import { createJudge } from '../../../src/game/judging/judge.ts'
import { packageRoot } from '../../../src/lib/root.ts'

const judge = createJudge()
let kinds: CheckKinds
let challenges: readonly Challenge[]
before(async () => {
  kinds = await loadChecks()
  const { hunt } = await loadHunt(join(packageRoot(), 'challenges'), kinds)
  challenges = hunt?.challenges ?? []
})
after(() => judge.close())

/** What a check of this kind sees where its player has made nothing yet, or has thrown it away. */
function nothingOf({ kind, spec }: Challenge['checks'][number]): unknown {
  const parsed = kinds.get(kind)?.spec.parse(spec) as never
  const makers: Record<string, () => unknown> = {
    answer: () => ({ given: false, correct: false }),
    chart: () => noChart(parsed),
    git: () => noBranch('main'),
    helm: () => noRelease(parsed, 'hunt-tara', false),
    http: () => nothingCame('http://hatch:80/', 'service'),
    image: () => ({ ...noImage(parsed, '1.0'), name: 'registry.example.org/tara/pack' }),
    kubernetes: () => ({
      found: false,
      count: 0,
      truncated: false,
      namespace: 'hunt-tara',
      object: null,
      objects: [],
      ready: false,
      containers: [],
      events: [],
      problems: [],
      why: '',
    }),
  }
  const make = makers[kind]
  assert.ok(make, `what a check of the kind ${kind} sees of nothing is not said here`)
  return make()
}

async function verdictOf(challenge: Challenge, facts: Record<string, unknown>): Promise<Finding[]> {
  const params = Object.fromEntries(Object.keys(challenge.params).map((name) => [name, 'a value']))
  const player = { slug: 'tara', name: 'Tara' }
  const judged = challenge.checks.map((_, index) => judge.judge({ challenge, index, facts, params, player }))
  return (await Promise.all(judged)).flatMap(({ findings }) => findings.filter(({ ok }) => ok === false))
}

const textsOf = ({ message, expected, saw, where }: Finding) =>
  [message.en, message.fr, expected?.en, expected?.fr, saw?.en, saw?.fr, where].filter(
    (one) => one !== undefined,
  )

test('who has made nothing yet reads words in every stage, no dash that stands for something and no status 0', async () => {
  assert.ok(challenges.length > 10)
  for (const challenge of challenges) {
    const facts = Object.fromEntries(challenge.checks.map((check) => [check.as, nothingOf(check)]))
    const findings = await verdictOf(challenge, facts)
    assert.equal(findings.length > 0, true, challenge.id)
    for (const text of findings.flatMap(textsOf))
      assert.doesNotMatch(text, /–|statut 0|status 0|: $/, `${challenge.id}: ${text}`)
  }
})

test('where nobody answers, no stage says that anything is open or that somebody answers', async () => {
  for (const challenge of challenges) {
    const facts = Object.fromEntries(challenge.checks.map((check) => [check.as, nothingOf(check)]))
    const web = challenge.checks.filter(({ kind }) => kind === 'http')
    const names = web.map(({ name }) => `${name.en}; ${name.fr}`)
    for (const finding of await verdictOf({ ...challenge, checks: web }, facts)) {
      assert.doesNotMatch(finding.message.en, /is open|^somebody answers|is served/i, names.join())
      assert.doesNotMatch(finding.message.fr ?? '', /est ouvert|^quelqu’un répond/i, names.join())
      assert.equal(finding.saw?.en, 'no answer: there is no such Service, or no pod behind it')
      assert.match(finding.saw.fr ?? '', /^pas de réponse/)
    }
  }
})

test('the verdict of the cold kitchen tells what there is to be seen, and none of the reasons that are to be found', async () => {
  const kitchen = challenges.find(({ id }) => id === 'cold-kitchen')
  assert.ok(kitchen)
  const text = { en: 'the image is called village', fr: 'l’image s’appelle village' }
  const problems = [
    { code: 'image-not-found', object: 'Deployment/kitchen', text, details: {}, heals: false, ours: false },
  ]
  const container = {
    pod: 'kitchen-1',
    name: 'kitchen',
    init: false,
    image: '',
    digest: '',
    imageId: '',
    restarts: 0,
  }
  const waiting = { ...container, ready: false, state: 'waiting', reason: 'ImagePullBackOff' }
  const facts = Object.fromEntries(
    kitchen.checks.map((check) => {
      const seen = nothingOf(check) as object
      if (check.kind !== 'kubernetes') return [check.as, seen]
      const object = { spec: { template: { spec: { containers: [{ readinessProbe: { httpGet: {} } }] } } } }
      return [
        check.as,
        {
          ...seen,
          found: true,
          count: 1,
          object,
          problems,
          containers: check.as === 'kitchen' ? [waiting] : [],
        },
      ]
    }),
  )
  const findings = await verdictOf(kitchen, facts)
  const told = findings.flatMap(textsOf).join('\n')
  assert.doesNotMatch(told, /village|securityContext|quota|probe|sonde|image (is|can)|let in|fits/i)
  const saw = findings.map((one) => one.saw?.en)
  assert.deepEqual(saw.slice(0, 3), ['no pod', 'kitchen-1: waiting (ImagePullBackOff), not ready', 'no pod'])
  assert.equal(kitchen.diagnosis, 'after-hints')
})

/** What a failed check of a stage says that it saw, where its first facts are those of a real look but for `facts`. */
async function sawIn(id: string, facts: Record<string, unknown>) {
  const challenge = challenges.find((one) => one.id === id)
  assert.ok(challenge)
  const all = Object.fromEntries(
    challenge.checks.map((check) => [
      check.as,
      { ...(nothingOf(check) as object), ...(facts[check.as] as object) },
    ]),
  )
  const findings = await verdictOf(challenge, all)
  return findings.map(({ saw }) => saw)
}

test('the wax names the layer with the key as people count, and leaves nothing hanging at the end', async () => {
  const found = [
    { found: true, layer: 1 },
    { found: true, layer: 3 },
  ]
  const layers = { count: 5, total: 5, sizes: [1, 1, 1, 1, 1], digests: [], mediaTypes: [], foreign: 0 }
  const saw = await sawIn('warm-wax', {
    wax: { found: true, layers, layerFiles: { 'root/.ferry.yaml': found } },
  })
  assert.deepEqual(saw[1], {
    en: 'in layer 2 of 5, in layer 4 of 5',
    fr: 'dans la couche 2 sur 5, dans la couche 4 sur 5',
  })
})

test('the scales write every number in one way, that of the language', async () => {
  const layers = { count: 2, total: 26227718, sizes: [26227706, 12], digests: [], mediaTypes: [], foreign: 0 }
  const saw = await sawIn('light-pack', { weight: { found: true, layers } })
  const weighed = saw.find((one) => one?.en.includes('layers'))
  assert.deepEqual(weighed, {
    en: '26,227,718 bytes in 2 layers: 26,227,706 + 12',
    fr: '26\u202f227\u202f718 octets en 2 couches\u00a0: 26\u202f227\u202f706 + 12',
  })
  const told = challenges.find((one) => one.id === 'light-pack')
  assert.match(told?.story.en ?? '', /no more than 4,194,304 bytes/)
  assert.match(told?.story.fr ?? '', /pas plus de 4\u202f194\u202f304 octets/)
})

test('the bridge lists planks alone, and French sets a space that does not break before its high signs', async () => {
  const bridge = challenges.find((one) => one.id === 'witness-bridge')
  const looked = bridge?.checks.filter(({ expect }) => JSON.stringify(expect).includes('each git.commits'))
  assert.deepEqual(
    looked?.map(({ spec }) => (spec as { above?: string }).above),
    ['starter:main', 'starter:main', 'starter:main'],
  )
  const person = { name: 'Seeker', email: 'seeker@example.org', date: '' }
  const commit = { sha: '', parents: [], author: person, committer: person, body: '', paths: null }
  const commits = [
    { ...commit, subject: 'Lay plank 2', trailers: {} },
    { ...commit, subject: 'Lay plank 1', trailers: { Witness: ['Ani'] } },
  ]
  const saw = await sawIn('witness-bridge', { git: { found: true, commits } })
  assert.equal(saw.at(-1)?.en, 'Lay plank 2: no witness; Lay plank 1: Ani')
  assert.equal(saw.at(-1)?.fr, 'Lay plank 2\u00a0: aucun témoin\u00a0; Lay plank 1\u00a0: Ani')
})
