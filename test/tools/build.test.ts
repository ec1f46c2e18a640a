import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksTools } from '../helpers/board/tools.ts'

const run = promisify(execFile)
const skip = lacksTools('go')

void test(
  'tools/build says how long it will take, builds, and leaves alone what has not changed',
  { skip },
  async (t) => {
    const folder = await copyTools(t)
    const build = join(folder, 'tools', 'build')
    const first = await run(build, ['village'])
    assert.match(
      first.stdout,
      /^village +to build, about \d+ min: .*\nAbout \d+ minutes .*\nvillage built in/,
    )
    await assert.rejects(run(join(folder, '.tools', 'village')), { code: 2, stderr: /usage: village/ })
    assert.match((await run(build, ['village'])).stdout, /^village +is there, unchanged\n$/)

    await appendFile(join(folder, 'tools', 'village', 'main.go'), '\n// changed\n')
    assert.match((await run(build, ['village'])).stdout, /village built in/)
  },
)

void test(
  'tools/build keeps a program that came from elsewhere, and names what it can build',
  { skip },
  async (t) => {
    const folder = await copyTools(t)
    const build = join(folder, 'tools', 'build')
    await mkdir(join(folder, '.tools'))
    await writeFile(join(folder, '.tools', 'kubebox'), '', { mode: 0o755 })
    assert.match(
      (await run(build, ['kubebox'])).stdout,
      /^kubebox +is there, made elsewhere: left as it is\n$/,
    )
    await assert.rejects(run(build, ['helm5']), {
      code: 2,
      stderr: /There is no helm5: choose from village .*helm4/,
    })
  },
)

async function copyTools(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-tools-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await cp(join(packageRoot(), 'tools'), join(folder, 'tools'), { recursive: true })
  return folder
}
