import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gitEnvironment } from '../../../src/board/forge/environment.ts'
import { isOverwhelmed, readBounds, startLimited } from '../../../src/board/forge/git-process.ts'
import { makeRepository, type TestRepository } from '../../helpers/repository.ts'

const MiB = 2 ** 20

describe('a git that wants more than it may is ended', () => {
  let repository: TestRepository
  before(() => {
    repository = makeRepository()
  })
  after(() => repository.remove())

  const run = async (
    args: readonly string[],
    bounds: Partial<typeof readBounds>,
    git = 'git',
    input = '',
  ) => {
    const env = gitEnvironment(repository.dir)
    const one = startLimited(repository.dir, args, { env, bounds: { ...readBounds, ...bounds }, git })
    let said = ''
    one.child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    one.child.stdout.resume()
    one.child.stdin.end(input)
    const code = await one.done
    return { code, said, late: one.isLate() }
  }

  it('by its seconds of work, which says so', async () => {
    const { code, said, late } = await run(['-c', 'while :; do :; done'], { cpuSeconds: 1 }, 'sh')
    assert.deepEqual([code, late], ['SIGXCPU', false])
    assert.ok(isOverwhelmed(code, said))
  })

  it('by its memory, in words of its own', async () => {
    const large = repository.commit({ 'map.txt': 'x' }, { message: Buffer.alloc(60 * MiB, 'a long story\n') })
    const { code, said } = await run(['log', '-1', large], { memoryBytes: 50 * MiB })
    assert.ok(isOverwhelmed(code, said), `${code} ${said}`)
    assert.equal((await run(['log', '-1', large], {})).code, 0)
  })

  it('by the clock, which is nobody’s fault', async () => {
    const { code, said, late } = await run(['-c', 'sleep 60; :'], { wallSeconds: 0.2 }, 'sh')
    assert.deepEqual([code, late], ['SIGKILL', true])
    assert.ok(!isOverwhelmed(code, said))
  })

  it('by the size of what it writes', async () => {
    const { code } = await run(
      ['hash-object', '-w', '--stdin'],
      { fileBytes: MiB / 2 },
      'git',
      randomText(2 * MiB),
    )
    assert.notEqual(code, 0)
  })

  it('and an ordinary one is not', async () => {
    const head = repository.commit({ 'map.txt': 'north\n' })
    assert.deepEqual(await run(['log', '-1', head], {}), { code: 0, said: '', late: false })
  })
})

/** Text that does not pack. */
function randomText(bytes: number): string {
  return Array.from({ length: bytes / 8 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, '.')).join(
    '',
  )
}
