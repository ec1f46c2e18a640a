import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gitEnvironment } from '../src/board/forge/environment.ts'
import { openReader } from '../src/board/forge/reader.ts'
import type { Snapshot } from '../src/board/forge/types.ts'
import type { CheckContext } from '../src/checks/check.ts'
import { check } from '../src/checks/git.ts'
import { silentLog } from '../src/lib/log.ts'
import { milliseconds, report, spread } from './report.ts'

const rounds = 100
const commits = 100
const files = 200

/** A history of 100 commits over 200 files, an annotated tag, and the starter's branch. */
function fill(dir: string): void {
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', dir])
  const lines: string[] = []
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}`
  for (let n = 0; n < commits; n += 1) {
    const person = `Tara <tara@example.org> ${1_700_000_000 + n * 60} +0000`
    lines.push('commit refs/heads/main', `mark :${n + 1}`, `author ${person}`, `committer ${person}`)
    lines.push(data(`Step ${n}\n\nOne more bell.\n\nStage: ${n}\n`))
    if (n > 0) lines.push(`from :${n}`)
    const touched = n === 0 ? Array.from({ length: files }, (_, file) => file) : [n % files, (n * 7) % files]
    for (const file of touched)
      lines.push(
        `M 100644 inline docs/part${file % 10}/file${file}.txt`,
        data(`File ${file}, step ${n}.\n`.repeat(20)),
      )
  }
  lines.push(
    'tag v1',
    `from :${commits}`,
    'tagger Tara <tara@example.org> 1700000000 +0000',
    data('The seal\n'),
  )
  lines.push('reset refs/shambhala/starter/heads/main', 'from :1', '')
  execFileSync('git', ['fast-import', '--quiet'], { cwd: dir, input: lines.join('\n') })
}

function runBare(dir: string, args: readonly string[], input?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { cwd: dir, env: gitEnvironment(dir), maxBuffer: 2 ** 26, encoding: 'buffer' } as const
    const child = execFile('git', args, options, (error, stdout) => {
      if (error) reject(new Error('git failed', { cause: error }))
      else resolve(stdout.length)
    })
    child.stdin?.end(input)
  })
}

/** What the facts are made of, asked of git with nothing around it, and as much at once as the check does. */
async function bare(dir: string, head: string, tag: string): Promise<void> {
  const format = '%H%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%s%x00%b%x00%(trailers:only,unfold)'
  const questions = [`info ${head}`, `contents ${head}`, `info ${tag}`, `info ${tag}^{}`, `contents ${tag}`]
  await Promise.all([
    runBare(dir, [
      'log',
      '-z',
      '--max-count=201',
      '--topo-order',
      '--date=raw',
      `--format=${format}`,
      head,
      '--',
    ]),
    runBare(dir, ['ls-tree', '-r', '-z', '-l', head]),
    runBare(dir, ['for-each-ref', 'refs/shambhala/starter/']),
    runBare(dir, ['cat-file', '--batch-command'], `${questions.join('\n')}\n`),
  ])
}

function contextOf(dir: string, snapshot: Snapshot): CheckContext {
  const reader = () => openReader(dir, { log: silentLog })
  return {
    player: { slug: 'tara', name: 'Tara' },
    board: { forge: { reader } },
    repository: 'torn-map',
    snapshot: () => Promise.resolve(snapshot),
    answer: undefined,
    params: {},
    signal: new AbortController().signal,
    log: silentLog,
    memo: (_key, make) => make(),
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'shambhala-bench-'))
  try {
    fill(dir)
    const reader = openReader(dir, { log: silentLog })
    const snapshot = await reader.snapshot()
    reader.close()
    const context = contextOf(dir, snapshot)
    const spec = check.spec.parse({})
    const head = snapshot.refs['refs/heads/main'] ?? ''
    const tag = snapshot.refs['refs/tags/v1'] ?? ''
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = -10; round < rounds; round += 1) {
      const check1 = await timed(() => check.look(spec, context))
      const bare1 = await timed(() => bare(dir, head, tag))
      if (round >= 0) ours.push(check1)
      if (round >= 0) theirs.push(bare1)
    }
    const [a, b] = [spread(ours), spread(theirs)]
    const ratio = a.median / b.median
    report({
      what: `git check, ${commits} commits and ${files} files, n = ${a.n}`,
      ours: `${milliseconds(a.median)} (p95 ${milliseconds(a.p95)})`,
      against: `${milliseconds(b.median)} (p95 ${milliseconds(b.p95)}), the bare git commands`,
      result: `${ratio.toFixed(2)}×`,
      bound: '≤ 1.5×',
      reached: ratio <= 1.5,
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

await main()
