import { stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { CheckKinds } from '../../checks/check.ts'
import { huntFile, type Hunt } from '../../core/hunt.ts'
import { huntBounds } from '../../core/hunt-bounds.ts'
import { readPlain } from '../../lib/plain-files.ts'
import { checkHunt } from './lint-hunt.ts'
import { namesOrFault } from './names-or-fault.ts'
import { checkFolder } from './lint-folder.ts'
import { loadChallenge, type LoadedChallenge } from './load-challenge.ts'
import { composeYaml, readYaml, type FileFault } from '../../lib/yaml-file.ts'

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
  const within = { root: folder, maxBytes: huntBounds.yamlBytes }
  const file = await readYaml(join(folder, 'hunt.yaml'), huntFile, faults, { within })
  const languages = file?.value.languages ?? ['en']
  const loaded: LoadedChallenge[] = []
  const unread: string[] = []
  const began = performance.now()
  for (const { path, order, name } of await foldersIn(folder, faults, warnings)) {
    if (performance.now() - began > huntBounds.milliseconds) {
      faults.push({
        file: path,
        line: 1,
        column: 1,
        message: 'what comes before takes too long: this is not looked at',
      })
      break
    }
    const one = await loadChallenge(path, order, { root: folder, kinds, faults, warnings, languages })
    if (one) loaded.push(one)
    else unread.push(await idIn(folder, path))
    if (one && one.challenge.id !== name) {
      const message = `the id is ${one.challenge.id}, the folder is named ${name}: name them alike`
      warnings.push(one.file.fault(['id'], message))
    }
  }
  await checkFolder(folder, faults)
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

async function foldersIn(folder: string, faults: FileFault[], warnings: FileFault[]) {
  const found: { path: string; order: number; name: string }[] = []
  const here = { file: folder, line: 1, column: 1 }
  for (const folderNamed of await namesOrFault(folder, folder, huntBounds.entries, faults)) {
    const path = join(folder, folderNamed)
    if (folderNamed.startsWith('.') || !(await isFolder(path))) continue
    const [, order, name] = folderName.exec(folderNamed) ?? []
    if (order === undefined || name === undefined) {
      const message = `a challenge's folder is named by number and words, such as 01-torn-map; this one is not looked at`
      warnings.push({ file: path, line: 1, column: 1, message })
    } else found.push({ path, order: Number(order), name })
  }
  const most = huntBounds.challenges
  if (found.length > most) faults.push({ ...here, message: `a hunt has ${most} challenges at most` })
  return found.slice(0, most)
}

/** The id of a challenge that could not be loaded: others may come after it all the same. */
async function idIn(root: string, folder: string): Promise<string> {
  try {
    const text = await readPlain(root, join(folder, 'challenge.yaml'), huntBounds.yamlBytes)
    const id = text && composeYaml(text.toString('utf8')).get('id')
    return typeof id === 'string' ? id : ''
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
