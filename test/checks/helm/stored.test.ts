import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { newestFirst, revisionOf } from '../../../src/checks/helm/choose.ts'
import { decodeRelease, mostUnpacked } from '../../../src/checks/helm/decode.ts'
import { readRelease } from '../../../src/checks/helm/release.ts'
import { PlayerFault, TooLarge } from '../../../src/lib/errors.ts'
import { base64, packed, releaseJson, storedRelease, zeros } from '../../helpers/stored-release.ts'

const decode = (data: string | undefined, secret = false) =>
  decodeRelease({ object: 'Secret x', data, secret })

async function read(...stored: Parameters<typeof storedRelease>) {
  const revision = revisionOf(storedRelease(...stored), 'hunt-tara', 'secret')
  return readRelease((await decodeRelease(revision)).json, revision)
}

async function faultOf(promise: Promise<unknown>): Promise<PlayerFault> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof PlayerFault, String(error))
  assert.ok(error.french && error.french !== error.message, 'there is no French')
  return error
}

describe('what Helm has stored', () => {
  it('is read from a Secret, a ConfigMap, and from before Helm packed it', async () => {
    const json = releaseJson()
    assert.deepEqual((await decode(base64(packed(json)), true)).json, json)
    assert.deepEqual((await decode(packed(json))).json, json)
    assert.deepEqual((await decode(base64(JSON.stringify(json)))).json, json)
  })

  it('is refused where it is no base64, no gzip, no JSON or no object, and says which', async () => {
    const damaged = gzipSync('{}')
    damaged.fill(0xff, 10, 14)
    const cases: [string | undefined, RegExp][] = [
      [undefined, /no key `release`/],
      ['not base64!', /no base64/],
      ['YWJj=', /no base64/],
      [base64(damaged), /gzip is damaged/],
      [base64(gzipSync(JSON.stringify(releaseJson())).subarray(0, 40)), /gzip is damaged/],
      [packed('ahoy'), /no JSON/],
      [packed('[1]'), /not an object/],
      [packed('null'), /not an object/],
      [packed('"text"'), /not an object/],
      ['', /no JSON/],
    ]
    for (const [data, message] of cases) assert.match((await faultOf(decode(data))).message, message)
    assert.match((await faultOf(decode(base64('not base64!'), true))).message, /no base64/)
  })

  it('is not unpacked beyond the bound: a Secret of 1 MiB that holds 1 GiB', async () => {
    const bomb = zeros(1024)
    assert.ok(bomb.length < 2 ** 20 + 100_000)
    const before = process.memoryUsage().rss
    assert.ok((await faultOf(decode(base64(bomb)))) instanceof TooLarge)
    assert.ok(process.memoryUsage().rss - before < 20 * mostUnpacked, 'memory was filled')
  })

  it('is bounded where nothing is packed, too', async () => {
    const fault = await faultOf(decodeRelease({ object: 'x', data: base64('{"a":1}'), secret: false }, 5))
    assert.ok(fault instanceof TooLarge)
  })

  it('has times in UTC, and none where Helm 3 writes an empty text', async () => {
    const { info, hooks } = await read(
      releaseJson({ hooks: [{ name: 'look', events: ['test'], last_run: { started_at: '' } }] }),
    )
    assert.equal(info.last_deployed, '2026-03-01T09:00:00.123Z')
    assert.deepEqual(hooks[0]?.last_run, { started_at: '', completed_at: '', phase: '' })
  })

  it('must say outside what it says inside', async () => {
    const contradictions: Parameters<typeof storedRelease>[] = [
      [releaseJson(), { labels: { status: 'failed' } }],
      [releaseJson(), { data: { release: base64(packed(releaseJson({ version: 2 }))) } }],
      [releaseJson(), { data: { release: base64(packed(releaseJson({ name: 'other' }))) } }],
      [releaseJson({ namespace: 'hunt-tom' })],
    ]
    for (const stored of contradictions)
      assert.match((await faultOf(read(...stored))).message, /contradicts itself/)
    for (const labels of [{ version: '2' }, { version: 'one' }, { version: '-1' }, { name: 'other' }])
      assert.match((await faultOf(read(releaseJson(), { labels }))).message, /its labels belong to/)
  })

  it('names the field that Helm would have written otherwise', async () => {
    for (const [over, field] of [
      [{ chart: null }, 'chart'],
      [{ config: 'gold' }, 'config'],
      [{ hooks: [{}] }, 'hooks.0.name'],
    ] as const)
      assert.match((await faultOf(read(releaseJson(over)))).message, new RegExp(`\`${field}\``))
  })

  it('counts v10 after v9', () => {
    const all = newestFirst([{ revision: 1 }, { revision: 10 }, { revision: 9 }])
    assert.deepEqual(
      all.map((one) => one.revision),
      [10, 9, 1],
    )
  })
})
