import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeIn } from '../../src/lib/bearer.ts'

test('what asks for a token is read in any order and case, and what asks for none is told apart', () => {
  const asked = { realm: 'https://hunt.example.org/registry/token', service: 'registry.example.org' }
  for (const header of [
    `Bearer realm="${asked.realm}",service="${asked.service}"`,
    `bearer Service="${asked.service}", scope="repository:a/b:pull", Realm="${asked.realm}"`,
  ])
    assert.deepEqual(challengeIn(header), asked, header)
  for (const header of [
    `Basic realm="${asked.realm}",service="${asked.service}"`,
    `Bearer realm="${asked.realm}"`,
    `Bearer realm="somewhere",service="${asked.service}"`,
    `Bearer xrealm="${asked.realm}",service="${asked.service}"`,
    `Bearer realm="https://example.org/${'a'.repeat(500)}",service="${asked.service}"`,
    '',
    null,
    undefined,
  ])
    assert.equal(challengeIn(header), null, String(header))
})
