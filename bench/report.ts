import { cpus } from 'node:os'

export interface Spread {
  n: number
  median: number
  p95: number
}

/** Median and 95th percentile (nearest rank) of durations. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
  return { n: sorted.length, median: at(0.5), p95: at(0.95) }
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`
}

export interface Row {
  what: string
  ours: string
  against: string
  result: string
  bound: string
  reached: boolean
}

/** One line of the table in docs/performance.md, or the same as JSON with `--json`. Exits with 1 where the bound is missed. */
export function report(row: Row): void {
  const { what, ours, against, result, bound, reached } = row
  const cells = [what, ours, against, result, bound, reached ? 'reached' : 'missed']
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  process.stdout.write(
    process.argv.includes('--json')
      ? `${JSON.stringify({ ...row, machine })}\n`
      : `| ${cells.join(' | ')} |\n`,
  )
  process.exitCode = reached ? 0 : 1
}
