import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortId } from '../../src/core/short-id.ts'

test('evidence is called by the digits of its digest or commit, with the status of an answer, and a revision stays whole', () => {
  const hex = '3f2a91c0d4be7a6a1c9d8f3e2b1a0c9d'
  assert.equal(shortId(`200 sha256:${hex}${hex}`), '200 3f2a91c0d4be')
  assert.equal(shortId(`sha256:${hex}${hex}`), '3f2a91c0d4be')
  assert.equal(shortId(`${hex}3f2a91c0`), '3f2a91c')
  assert.equal(shortId('caravan r12'), 'caravan r12')
  assert.equal(shortId('1234567890'), '1234567890')
  assert.equal(shortId(''), '')
})
