import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { connectionsAtMost, lackOfDescriptors } from '../../src/lib/descriptors.ts'
import { packageRoot } from '../../src/lib/root.ts'

interface Said {
  code: unknown
  out: string
  errors: string
}

/** Node with these arguments, where so many files may be open at once. */
async function withFiles(limit: number, args: readonly string[]): Promise<Said> {
  const script = `ulimit -n ${limit}; exec "$0" --import tsx "$@"`
  return await new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', script, process.execPath, ...args],
      { cwd: packageRoot(), timeout: 60_000 },
      (error, out, errors) => resolve({ code: error?.code ?? 0, out, errors }),
    )
  })
}

test('where too few files may be open at once, the server says in one sentence what to do', async () => {
  for (const limit of [64, 200, 1000]) {
    const { code, out, errors } = await withFiles(limit, [join('src', 'main.ts'), 'serve'])
    assert.deepEqual([code, out], [1, ''])
    assert.match(errors, new RegExp(`^This process may have ${limit} files open .*"ulimit -n 1024".*\\.\\n$`))
  }
})

test('what the sentence asks for is enough, and so is what systems usually give', async () => {
  assert.deepEqual([lackOfDescriptors(1024), lackOfDescriptors(Number.POSITIVE_INFINITY)], [null, null])
  const { code, errors } = await withFiles(1024, ['--eval', "await import('./src/compose.ts')"])
  assert.deepEqual([code, errors], [0, ''])
})

test('half of the files may be connections, however many there are', () => {
  assert.equal(connectionsAtMost(1024), 512)
  assert.ok(Number.isSafeInteger(connectionsAtMost(Number.POSITIVE_INFINITY)))
})

test('a program that cannot be started for want of files is our fault, and ends nothing else', async () => {
  const script = `
    const { openSync } = await import('node:fs')
    const { startProgram } = await import('./src/lib/process.ts')
    const start = () => startProgram('true', [], { cwd: '/', env: {} })
    try { for (;;) openSync('/dev/null') } catch {}
    try { start() } catch (error) { console.log(error.name) }
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log('alive')`
  const { code, out, errors } = await withFiles(128, ['--input-type=module', '--eval', script])
  assert.deepEqual([code, out, errors], [0, 'Inconclusive\nalive\n', ''])
})
