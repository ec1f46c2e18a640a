import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { loadChecks } from '../../src/checks/index.ts'
import { Inconclusive } from '../../src/lib/errors.ts'
import { contextOf } from '../helpers/look.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'
import type { CheckKinds } from '../../src/checks/check.ts'
import { boardParts } from '../../src/core/board-parts.ts'

/** A spec for each kind, as an author would write it: a new kind is not finished without its line here. */
const samples: Readonly<Record<string, unknown>> = {
  answer: { normalised: '{{params.word}}' },
  chart: { repository: 'scroll', version: '1.0.0+{{params.word}}' },
  git: {
    ref: 'main',
    text: ['map.txt'],
    history: ['{{params.key}}'],
    ancestors: { kept: ['starter:main', 'main'] },
  },
  helm: { release: 'treasure', manifest: true, live: true, history: true },
  http: { service: 'village-front', port: 80, path: '/health' },
  image: {
    repository: 'scroll',
    tag: '{{params.word}}',
    files: ['etc/motd'],
    everyLayer: true,
    base: 'hunt/base:1',
  },
  kubernetes: { apiVersion: 'apps/v1', kind: 'Deployment', selector: 'app={{params.word}}' },
}

describe('every kind of check', () => {
  let kinds: CheckKinds
  let empty: TestRepository
  before(async () => {
    kinds = await loadChecks()
    empty = makeRepository()
  })
  after(() => empty.remove())

  it('has a sample, and takes it', () => {
    assert.deepEqual(Object.keys(samples).sort(), [...kinds.keys()].sort())
    for (const [name, kind] of kinds) assert.ok(kind.spec.safeParse(samples[name]).success, name)
  })

  it('refuses a key that it does not know', () => {
    for (const [name, kind] of kinds)
      assert.equal(kind.spec.safeParse({ ...(samples[name] as object), unheard: 1 }).success, false, name)
  })

  it('needs only parts that a board can have', () => {
    for (const kind of kinds.values()) for (const part of kind.needs) assert.ok(boardParts.includes(part))
  })

  it('publishes spec and facts as JSON Schema', () => {
    for (const kind of kinds.values()) {
      assert.ok(z.toJSONSchema(kind.spec, { io: 'input' }))
      assert.equal(z.toJSONSchema(kind.facts).type, 'object')
    }
  })

  it('tells of what is not there in facts of the promised shape', async () => {
    for (const [name, kind] of kinds) {
      const { facts, evidence } = await kind.look(kind.spec.parse(samples[name]), contextOf(empty))
      const parsed = kind.facts.safeParse(facts)
      assert.ok(parsed.success, `${name}: ${parsed.error?.message ?? ''}`)
      assert.deepEqual(parsed.data, facts)
      assert.deepEqual(evidence, [])
      assert.deepEqual(structuredClone(facts), facts)
    }
  })

  it('ends as ours when its deadline has passed', async () => {
    for (const [name, kind] of kinds) {
      const looking = kind.look(
        kind.spec.parse(samples[name]),
        contextOf(empty, { signal: AbortSignal.abort() }),
      )
      await assert.rejects(looking, Inconclusive, name)
    }
  })

  it('blames nobody when the board lacks what it needs', async () => {
    for (const [name, kind] of kinds) {
      if (kind.needs.length === 0) continue
      const context = { ...contextOf(null), repository: 'torn-map' }
      await assert.rejects(kind.look(kind.spec.parse(samples[name]), context), Inconclusive, name)
    }
  })
})
