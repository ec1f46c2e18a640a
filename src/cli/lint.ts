import { loadBoard } from '../game/hunt/load-board.ts'
import { loadHunt } from '../game/hunt/load-hunt.ts'
import type { FileFault } from '../lib/yaml-file.ts'
import type { CheckKinds } from '../checks/check.ts'

export interface LintOptions {
  folder: string
  /** `board.yaml`, where there is one. */
  board?: string | undefined
  kinds: CheckKinds
  format: string
  write: (text: string) => void
}

/** Prints what is wrong with a hunt's files. Resolves to the exit code: 1 where anything is at fault. */
export async function lint({ folder, board, kinds, format, write }: LintOptions): Promise<number> {
  const { hunt, faults, warnings } = await loadHunt(folder, kinds)
  if (board !== undefined) faults.push(...(await loadBoard(board, hunt)).faults)
  if (format === 'json') {
    write(`${JSON.stringify({ ok: faults.length === 0, faults, warnings }, null, 2)}\n`)
    return faults.length === 0 ? 0 : 1
  }
  const line = (word: string) => (fault: FileFault) =>
    write(`${fault.file}:${fault.line}:${fault.column}: ${word}${fault.message}\n`)
  faults.forEach(line(''))
  warnings.forEach(line('warning: '))
  const count = hunt ? `${hunt.challenges.length} challenges` : 'The hunt cannot be loaded'
  write(
    `${count}: ${faults.length} to mend, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}\n`,
  )
  return faults.length === 0 ? 0 : 1
}
