import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

// `node --import tsx test/run.ts [file or folder …]`: each test file in a process of its own, which inherits `--import`.

const fileMinutes = 20
const root = resolve(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const ci = process.env.CI === 'true'

interface Outcome {
  file: string
  name: string
  detail: string
}

interface Results {
  passed: number
  failed: Outcome[]
  skipped: Outcome[]
  outputs: Map<string, string>
}

function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [resolve(path)]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => resolve(path, name))
}

function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** What a person needs of an error: the assertion with its difference and its place, not the runner around it. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const text = typeof cause === 'string' ? cause : inspect(cause, { depth: 6, maxStringLength: 4000 })
  return text.replace(/^ +at .*node:internal.*\n?/gm, '')
}

function shortened(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200)
}

function indent(text: string, by: string): string {
  return text.trimEnd().replace(/^/gm, by)
}

function list(title: string, outcomes: readonly Outcome[]): void {
  if (outcomes.length === 0) return
  say(`\n${title}`)
  for (const { file, name, detail } of outcomes) say(`\n  ${file}\n  ${name}\n${indent(detail, '      ')}`)
}

/** The children's words, shown only where something in their file failed. */
function printOutputs(outputs: ReadonlyMap<string, string>, failed: readonly Outcome[]): void {
  for (const file of new Set(failed.map((outcome) => outcome.file))) {
    const text = outputs.get(file)
    if (text?.trim()) say(`\nprinted by ${file}\n${indent(text.slice(-20_000), '      ')}`)
  }
}

function finish({ passed, failed, skipped, outputs }: Results): void {
  list(ci ? 'Skipped, which counts as failed with CI=true:' : 'Skipped, and what brings them back:', skipped)
  list('Failed:', failed)
  printOutputs(outputs, failed)
  // Once more, short: of a long log only its end is kept by many a CI.
  for (const { file, name, detail } of failed) say(`✗ ${file}: ${name}: ${shortened(detail)}`)
  const failures = failed.length + (ci ? skipped.length : 0)
  if (failures > 0 || passed === 0) process.exitCode = 1
  const shown = skipped.length > 0 && !ci ? `, ${skipped.length} skipped` : ''
  say(`\n${passed} passed, ${failures} failed${shown}`)
}

function printer() {
  let shown = ''
  return (mark: string, file: string, nesting: number, name: string, ms = 0) => {
    if (file !== shown) say(`\n${file}`)
    shown = file
    say(`  ${'  '.repeat(nesting)}${mark} ${name}${ms > 1000 ? ` (${(ms / 1000).toFixed(1)} s)` : ''}`)
  }
}

function note(event: TestEvent, results: Results, print: ReturnType<typeof printer>): void {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return
  const { nesting, details, skip } = event.data
  const isFile = resolve(event.data.name) === event.data.file
  const name = isFile ? 'the file' : event.data.name
  const file = relative(root, event.data.file ?? event.data.name)
  if (event.type === 'test:fail') {
    print('✗', file, nesting, name, details.duration_ms)
    const { error } = event.data.details
    // The tests inside have been counted and shown.
    if ('failureType' in error && error.failureType === 'subtestsFailed') return
    const detail = describe(error)
    results.failed.push({ file, name, detail })
    // Whoever ends a long run in the middle has seen why.
    say(`  ${'  '.repeat(nesting + 1)}${shortened(detail)}`)
  } else if (skip !== undefined && skip !== false) {
    print('-', file, nesting, `${name} (skipped)`)
    results.skipped.push({
      file,
      name,
      detail: typeof skip === 'string' && skip ? skip : 'no reason was given',
    })
  } else if (isFile) {
    print('✗', file, nesting, 'the file has no tests')
    results.failed.push({ file, name, detail: 'It has no tests.' })
  } else {
    print('✓', file, nesting, name, details.duration_ms)
    if (details.type !== 'suite') results.passed += 1
  }
}

async function runAll(files: string[]): Promise<void> {
  const results: Results = { passed: 0, failed: [], skipped: [], outputs: new Map() }
  const print = printer()
  // Many files wait for a cluster most of the time.
  const concurrency = Math.min(availableParallelism() + 2, 6)
  const events: AsyncIterable<TestEvent> = run({ files, concurrency, timeout: fileMinutes * 60_000 })
  for await (const event of events) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      const file = relative(root, event.data.file)
      results.outputs.set(file, (results.outputs.get(file) ?? '') + event.data.message)
    } else note(event, results, print)
  }
  finish(results)
}

await runAll((wanted.length > 0 ? wanted : [join(root, 'test')]).flatMap(testFiles).sort())
// Single files find the boards of the last run; after all of them the machine is put back.
if (wanted.length === 0) {
  await (await import('./helpers/node.ts')).stopNode()
  await (await import('./helpers/board.ts')).stopBoard()
}
