import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'
import { wireTo, type Wire } from '../../helpers/proxy.ts'

const limits = { wallSeconds: 5, idleSeconds: 2, slowestLink: 20_000 }

describe('over a slow link', () => {
  let test: TestForge
  const wires: Wire[] = []
  before(async () => (test = await startForge({ starter: smallStarter(), limits })))
  after(async () => {
    for (const wire of wires) wire.close()
    await test.close()
  })
  const slowly = async (pace: number) => {
    const wire = await wireTo(test.port, { pace })
    wires.push(wire)
    return test.url().replace(`:${test.port}/`, `:${wire.port}/`)
  }
  const seconds = async (work: () => Promise<unknown>) => {
    const start = performance.now()
    await work()
    return (performance.now() - start) / 1000
  }

  it('a push may take longer than all limits together, as long as its bytes flow', async () => {
    const clone = await cloneOf(test, 'slow-push')
    const sha = await test.client.commit(clone, { large: randomBytes(2 ** 20) })
    const url = await slowly(100_000)
    const took = await seconds(async () => {
      const { code, err } = await test.client.git(['push', url, 'HEAD:refs/heads/slow'], { cwd: clone })
      assert.equal(code, 0, err)
      assert.match(err, /remote: success: the map is whole/)
    })
    assert.ok(took > limits.wallSeconds + limits.idleSeconds, `${took} s`)
    assert.equal(test.told.pushed.at(-1)?.snapshot.refs['refs/heads/slow'], sha)
  })

  it('it holds up neither another push of the same player nor starting again', async () => {
    const [slow, quick] = [await cloneOf(test, 'slow-one'), await cloneOf(test, 'quick-one')]
    await test.client.commit(slow, { large: randomBytes(2 ** 20) })
    const url = await slowly(150_000)
    let arrived = false
    const pushing = test.client
      .git(['push', url, 'HEAD:refs/heads/late'], { cwd: slow })
      .finally(() => (arrived = true))
    await test.client.commit(quick, { small: '1' })
    const { code } = await test.client.git(['push', 'origin', 'HEAD:refs/heads/quick'], { cwd: quick })
    assert.deepEqual([code, arrived], [0, false])
    assert.equal((await pushing).code, 0)
  })

  it('a clone may take longer than Git itself may', async () => {
    const clone = await cloneOf(test, 'full')
    await test.client.commit(clone, { a: randomBytes(8 * 2 ** 20), b: randomBytes(8 * 2 ** 20) })
    // Not over HTTP: taking in so much may take longer than the limits of this test on a machine with much to do.
    const placed = await test.client.git(['push', '-q', test.gitDir, 'HEAD:refs/heads/full'], { cwd: clone })
    assert.equal(placed.code, 0, placed.err)
    const url = await slowly(1_400_000)
    const took = await seconds(async () => {
      const cloned = await test.client.git(['clone', '-q', url, 'slow-clone'])
      assert.equal(cloned.code, 0, cloned.err)
    })
    assert.ok(took > limits.wallSeconds, `${took} s`)
    const at = join(test.client.dir, 'slow-clone')
    assert.equal(
      (await test.client.git(['cat-file', '-s', 'origin/full:a'], { cwd: at })).out,
      String(8 * 2 ** 20),
    )
  })

  it('that is slower than any a push is cut off', async () => {
    const clone = await cloneOf(test, 'trickle')
    await test.client.commit(clone, { large: randomBytes(2 ** 19) })
    const url = await slowly(limits.slowestLink / 4)
    const { code } = await test.client.git(['push', url, 'HEAD:refs/heads/trickle'], { cwd: clone })
    assert.notEqual(code, 0)
    assert.doesNotMatch((await test.client.git(['ls-remote', test.url()])).out, /trickle/)
  })
})
