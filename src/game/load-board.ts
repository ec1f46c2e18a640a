import { dirname, isAbsolute, join } from 'node:path'
import { boardFile, type BoardFile } from '../core/board-file.ts'
import type { Hunt } from '../core/hunt.ts'
import { suggestion } from '../lib/nearest.ts'
import { readYaml, type FileFault } from './yaml-file.ts'

export interface LoadedBoard {
  file: BoardFile
  /** Makes a path of the file absolute: it counts from the file's folder. */
  resolvePath: (path: string) => string
}

/** Reads `board.yaml`; null and faults where it cannot be used. */
export async function loadBoard(
  path: string,
  hunt: Pick<Hunt, 'workspace'> | null,
): Promise<{ board: LoadedBoard | null; faults: FileFault[] }> {
  const faults: FileFault[] = []
  const file = await readYaml(path, boardFile, faults)
  if (!file) return { board: null, faults }
  const names = Object.keys(file.value.budgets)
  const wanted = hunt?.workspace.budget
  if (wanted !== undefined && !names.includes(wanted)) {
    const there = names.length > 0 ? `; there are: ${names.join(', ')}` : ''
    faults.push(
      file.fault(['budgets'], `hunt.yaml asks for the budget ${wanted}${suggestion(wanted, names)}${there}`),
    )
  }
  const folder = dirname(path)
  const resolvePath = (one: string) => (isAbsolute(one) ? one : join(folder, one))
  return { board: faults.length === 0 ? { file: file.value, resolvePath } : null, faults }
}
