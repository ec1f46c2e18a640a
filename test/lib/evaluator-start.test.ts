import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import ts from 'typescript'
import { packageRoot } from '../../src/lib/root.ts'

const run = promisify(execFile)
const source = join(packageRoot(), 'src', 'lib')

/** A program that evaluates once and never closes the evaluator. */
const program = (module: string) => `
  const { createEvaluator } = await import(${JSON.stringify(module)})
  createEvaluator({ milliseconds: 5000 })
  const evaluator = createEvaluator({ milliseconds: 5000 })
  console.log(JSON.stringify(await evaluator.evaluate([{ that: 'n == 3', chains: [] }], { n: 3 })))
`
const answered = '[{"result":{"value":true},"seen":[]}]\n'

test('from the sources the thread starts, answers, and lets an idle process end', async () => {
  const script = program(join(source, 'evaluator.ts'))
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { stdout } = await run(process.execPath, args, { cwd: packageRoot(), timeout: 60_000 })
  assert.equal(stdout, answered)
})

test('compiled it does the same without tsx', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-compiled-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  await symlink(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await mkdir(join(folder, 'lib'))
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    rewriteRelativeImportExtensions: true,
  }
  for (const name of (await readdir(source)).filter((one) => one.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(await readFile(join(source, name), 'utf8'), { compilerOptions })
    await writeFile(join(folder, 'lib', name.replace(/\.ts$/, '.js')), outputText)
  }
  const file = join(folder, 'program.js')
  await writeFile(file, program('./lib/evaluator.js'))
  const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: 60_000 })
  assert.equal(stdout, answered)
})
