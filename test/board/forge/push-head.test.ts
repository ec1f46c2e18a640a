import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { band, flush, pkt, takePacket } from '../../../src/board/forge/pktline.ts'
import { createHeadReader } from '../../../src/board/forge/push-head.ts'
import { faultOf } from '../../../src/board/forge/refusal.ts'
import { words } from '../../../src/board/forge/words.ts'
import { TooLarge } from '../../../src/lib/errors.ts'

const zero = '0'.repeat(40)
const one = '1'.repeat(40)
const command = (ref: string, capabilities = '') =>
  pkt(`${zero} ${one} ${ref}${capabilities === '' ? '' : `\0${capabilities}`}`)
const headOf = (bytes: Buffer) => createHeadReader(2 ** 20)(bytes)

describe('the head of a push', () => {
  it('is read the same in one piece and byte for byte, and what follows it is kept', () => {
    const head = Buffer.concat([
      command('refs/heads/main', ' report-status side-band-64k push-options'),
      pkt(`${one} ${zero} refs/tags/v1`),
      flush,
      pkt('plain'),
      flush,
    ])
    const whole = headOf(Buffer.concat([head, Buffer.from('PACK')]))
    const read = createHeadReader(2 ** 20)
    const pieces = [...head].map((byte) => read(Buffer.from([byte])))
    assert.ok(pieces.slice(0, -1).every((piece) => piece === null))
    for (const found of [whole, pieces.at(-1)]) {
      assert.deepEqual(found?.commands, [
        { before: zero, after: one, ref: 'refs/heads/main' },
        { before: one, after: zero, ref: 'refs/tags/v1' },
      ])
      assert.deepEqual(found.options, ['plain'])
      assert.ok(found.raw.equals(head))
    }
    assert.equal(whole?.rest.toString(), 'PACK')
  })

  it('says nothing to do for a probe, and skips the borders of a shallow clone', () => {
    assert.deepEqual(headOf(flush)?.commands, [])
    const shallow = headOf(
      Buffer.concat([pkt(`shallow ${one}`), command('refs/heads/main', 'atomic'), flush]),
    )
    assert.equal(shallow?.commands.length, 1)
  })

  it('refuses what is no push', () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1'),
      Buffer.from('0003'),
      pkt('hello'),
      pkt(`push-cert\0report-status`),
      pkt(`${zero} ${one} `),
      pkt(`${zero} nothing refs/heads/main`),
    ])
      assert.throws(() => headOf(Buffer.concat([bytes, flush])), Error)
  })

  it('refuses more bytes than it was told to read', () => {
    const read = createHeadReader(1000)
    const many = Buffer.concat(Array.from({ length: 20 }, (_, n) => command(`refs/heads/b${n}`)))
    assert.throws(() => read(many), TooLarge)
  })

  it('names the ref that may not be pushed, in letters that every terminal can show', () => {
    const limits = { refs: 10, refsPerPush: 5 }
    const before = { head: 'refs/heads/main', refs: {} }
    const faultFor = (ref: string | Buffer) => {
      const line = Buffer.concat([Buffer.from(`${zero} ${one} `), Buffer.from(ref)])
      const head = headOf(Buffer.concat([pkt(line), flush]))
      assert.ok(head)
      return faultOf(head, before, limits, words.en)?.[0] ?? null
    }
    for (const ref of [
      'refs/heads/main',
      'refs/tags/v1',
      'refs/notes/commits',
      'refs/heads/--upload-pack=x',
      'refs/heads/été',
    ])
      assert.equal(faultFor(ref), null)
    assert.equal(
      faultFor('refs/shambhala/evidence/x'),
      'error: refs/shambhala/evidence/x cannot be pushed here',
    )
    assert.equal(faultFor('--upload-pack=x'), 'error: --upload-pack=x cannot be pushed here')
    assert.equal(faultFor('refs/heads/\x1b[31m'), 'error: refs/heads/?[31m cannot be pushed here')
    for (const ref of [
      'HEAD',
      'refs/heads/',
      'refs/heads/a b',
      'refs/heads/\x9b31m',
      `refs/heads/${'x'.repeat(300)}`,
      Buffer.from([0x72, 0xff]),
    ])
      assert.match(faultFor(ref) ?? '', /cannot be pushed here$/)
  })

  it('counts the refs that there would be, so that deleting is always possible', () => {
    const before = { head: 'refs/heads/main', refs: { 'refs/heads/a': one, 'refs/heads/b': one } }
    const push = (...lines: Buffer[]) => {
      const head = headOf(Buffer.concat([...lines, flush]))
      assert.ok(head)
      return head
    }
    const limits = { refs: 2, refsPerPush: 5 }
    assert.match(
      faultOf(push(command('refs/heads/c')), before, limits, words.en)?.[0] ?? '',
      /more than 2 refs/,
    )
    assert.equal(
      faultOf(push(command('refs/heads/c'), pkt(`${one} ${zero} refs/heads/a`)), before, limits, words.en),
      null,
    )
    assert.equal(
      faultOf(push(pkt(`${one} ${zero} refs/heads/a`)), before, { ...limits, refs: 1 }, words.en),
      null,
    )
  })
})

describe('a band', () => {
  it('is cut where a packet would grow too long', () => {
    const long = Buffer.alloc(200_000, 'x')
    let rest = band(2, long)
    let size = 0
    for (let taken = takePacket(rest); taken; taken = takePacket(rest)) {
      rest = taken.rest
      assert.ok(taken.packet.raw.length <= 65_520)
      assert.equal(taken.packet.payload?.[0], 2)
      size += taken.packet.payload.length - 1
    }
    assert.equal(size, long.length)
    assert.equal(rest.length, 0)
  })
})
