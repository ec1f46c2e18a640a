import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parse } from 'yaml'
import type { CheckKinds } from '../../checks/check.ts'
import { huntFile, type Hunt } from '../../core/hunt.ts'
import { checkHunt } from './lint-hunt.ts'
import { checkLinks } from './lint-links.ts'
import { loadChallenge, type LoadedChallenge } from './load-challenge.ts'
import { readYaml, type FileFault } from '../../lib/yaml-file.ts'

export interface LoadedHunt {
  /** null where anything is at fault. */
  hunt: Hunt | null
  faults: FileFault[]
  warnings: FileFault[]
}

const folderName = /^(\d{2,3})-([a-z0-9-]+)$/

/** Reads `hunt.yaml` and the challenges' folders. Every fault is listed at once, with file, line, column and what to write. */
export async function loadHunt(folder: string, kinds: CheckKinds): Promise<LoadedHunt> {
  const faults: FileFault[] = []
  const warnings: FileFault[] = []
  const file = await readYaml(join(folder, 'hunt.yaml'), huntFile, faults)
  const languages = file?.value.languages ?? ['en']
  const loaded: LoadedChallenge[] = []
  const unread: string[] = []
  for (const { path, order, name } of await foldersIn(folder, warnings)) {
    const one = await loadChallenge(path, order, { kinds, faults, warnings, languages })
    if (one) loaded.push(one)
    else unread.push(await idIn(path))
    if (one && one.challenge.id !== name) {
      const message = `the id is ${one.challenge.id}, the folder is named ${name}: name them alike`
      warnings.push(one.file.fault(['id'], message))
    }
  }
  await checkLinks(folder, faults)
  if (file) checkHunt({ hunt: file, all: loaded, unread, faults, warnings })
  if (file && loaded.length === 0 && faults.length === 0) {
    const message = 'there is no challenge: make a folder such as 01-first-steps with challenge.yaml'
    faults.push({ file: folder, line: 1, column: 1, message })
  }
  const shown = (fault: FileFault) => ({ ...fault, file: relative(process.cwd(), fault.file) || fault.file })
  const challenges = loaded.map((one) => one.challenge).sort((a, b) => a.order - b.order)
  const hunt = file && faults.length === 0 ? { ...file.value, challenges } : null
  return { hunt, faults: faults.map(shown), warnings: warnings.map(shown) }
}

async function foldersIn(folder: string, warnings: FileFault[]) {
  const found: { path: string; order: number; name: string }[] = []
  const names = await readdir(folder).catch(() => [])
  for (const folderNamed of names.sort()) {
    const path = join(folder, folderNamed)
    if (folderNamed.startsWith('.') || !(await isFolder(path))) continue
    const [, order, name] = folderName.exec(folderNamed) ?? []
    if (order === undefined || name === undefined) {
      const message = `a challenge's folder is named by number and words, such as 01-torn-map; this one is not looked at`
      warnings.push({ file: path, line: 1, column: 1, message })
    } else found.push({ path, order: Number(order), name })
  }
  return found
}

/** The id of a challenge that could not be loaded: others may come after it all the same. */
async function idIn(folder: string): Promise<string> {
  try {
    const value: unknown = parse(await readFile(join(folder, 'challenge.yaml'), 'utf8'))
    return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : ''
  } catch {
    return ''
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
