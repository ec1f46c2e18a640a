import assert from 'node:assert/strict'
import { Fault } from '../../src/lib/errors.ts'

/** For `assert.rejects`: a `Fault` of one line that matches. */
export function faultSaying(pattern: RegExp): (error: unknown) => true {
  return (error: unknown) => {
    assert.ok(error instanceof Fault, String(error))
    assert.match(error.message, pattern)
    assert.doesNotMatch(error.message, /\n/)
    return true
  }
}
