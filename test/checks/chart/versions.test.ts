import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newest } from '../../../src/checks/chart/versions.ts'

describe('the newest version', () => {
  it('is chosen as versions are ordered, releases before what comes before them', () => {
    assert.equal(newest(['1.9.0', '1.10.0', 'latest', '1.10.0-rc.1', '2.0.0-a']), '1.10.0')
    assert.equal(newest(['1.0.0-rc.2', '1.0.0-rc.10', '1.0.0-beta', '1.0.0-rc']), '1.0.0-rc.10')
    assert.equal(newest(['1.0.0-1', '1.0.0-a', '1.0.0-a.1']), '1.0.0-a.1')
    assert.equal(newest(['1.0.0_b', '1.0.0_a']), '1.0.0_b')
    assert.equal(newest(['latest', '1', '']), null)
  })
})
