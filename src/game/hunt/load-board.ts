import { dirname, isAbsolute, join } from 'node:path'
import { boardFile, forgeOfBoard, type BoardFile } from '../../core/board-file.ts'
import { isWhole, saidBudget, type SaidBudget } from '../../core/budget.ts'
import type { Hunt } from '../../core/hunt.ts'
import { readQuantity } from '../../core/quantity.ts'
import { suggestion } from '../../lib/nearest.ts'
import { readYaml, type FileFault, type YamlFile } from '../../lib/yaml-file.ts'

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
  const { budgets, clusters } = file.value
  const wanted = hunt?.workspace.budget
  // Images have a usual bound, and without a cluster nothing else is bounded.
  if (clusters.length === 0 && Object.keys(budgets).length === 0)
    budgets[wanted ?? 'default'] = saidBudget.parse({})
  const names = Object.keys(budgets)
  if (wanted !== undefined && !names.includes(wanted)) {
    const there = names.length > 0 ? `; there are: ${names.join(', ')}` : ''
    faults.push(
      file.fault(['budgets'], `hunt.yaml asks for the budget ${wanted}${suggestion(wanted, names)}${there}`),
    )
  }
  for (const [name, budget] of Object.entries(budgets)) checkBudget(name, budget, file, faults)
  const folder = dirname(path)
  const resolvePath = (one: string) => (isAbsolute(one) ? one : join(folder, one))
  return { board: faults.length === 0 ? { file: file.value, resolvePath } : null, faults }
}

/** Of `board.yaml` only which forge it names: mistakes elsewhere in it stand in nobody's way. null where that cannot be read. */
export async function loadForge(
  path: string,
): Promise<{ forge: BoardFile['forge'] | null; faults: FileFault[] }> {
  const faults: FileFault[] = []
  const file = await readYaml(path, forgeOfBoard, faults)
  return { forge: file?.value.forge ?? null, faults }
}

const resources = ['cpu', 'memory', 'ephemeralStorage'] as const

/** What one container gets must fit into what it may have, and that into the whole; else nothing ever starts. */
function checkBudget(name: string, budget: SaidBudget, file: YamlFile<BoardFile>, faults: FileFault[]): void {
  if (!isWhole(budget)) return
  const { request, default: usual, max } = budget.container
  for (const resource of resources) {
    const steps = [
      { says: 'container.request', value: request[resource] },
      { says: 'container.default', value: usual[resource] },
      { says: 'container.max', value: max[resource] },
      { says: 'the whole', value: budget[resource] },
    ]
    for (const [index, step] of steps.entries()) {
      const next = steps[index + 1]
      if (!next || (readQuantity(step.value) ?? 0) <= (readQuantity(next.value) ?? 0)) continue
      const message = `${resource}: ${step.says} (${step.value}) is more than ${next.says} (${next.value})`
      faults.push(file.fault(['budgets', name], message))
    }
  }
}
