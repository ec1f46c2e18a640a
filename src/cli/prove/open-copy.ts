import { cp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { huntBounds } from '../../core/hunt-bounds.ts'
import { newProofId } from '../../core/owner.ts'
import { checkFolder } from '../../game/hunt/lint-folder.ts'
import { Fault } from '../../lib/errors.ts'
import { TooSlow } from '../../lib/in-time.ts'
import { NotPlain, readPlain } from '../../lib/plain-files.ts'
import { composeYaml, faultOf, type FileFault } from '../../lib/yaml-file.ts'

/** The hunt in which everything is open: no window, no code, no challenge that waits for another. */
export async function openCopy(folder: string, copy: string): Promise<void> {
  const faults: FileFault[] = []
  await checkFolder(folder, faults)
  if (faults.length > 0) throw faultOf(faults, 'The hunt cannot be copied')
  await copyOf(folder, copy).catch((error: unknown) => {
    throw new Fault(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  await editYaml(copy, join(copy, 'hunt.yaml'), ['start', 'end', 'freeze'], {
    registration: 'open',
    id: newProofId(),
  })
  for (const entry of await readdir(copy, { withFileTypes: true }))
    if (entry.isDirectory()) await editYaml(copy, join(copy, entry.name, 'challenge.yaml'), ['after'])
}

/** Without what begins with a dot beside the challenges. Links stay as they are, so that they lead into the copy. */
async function copyOf(folder: string, copy: string): Promise<void> {
  const from = await realpath(folder)
  const filter = (path: string) => dirname(path) !== from || !basename(path).startsWith('.')
  await cp(from, copy, { recursive: true, verbatimSymlinks: true, filter })
}

async function editYaml(
  root: string,
  file: string,
  remove: readonly string[],
  set: Readonly<Record<string, string>> = {},
): Promise<void> {
  const document = await readDocument(root, file)
  // What cannot be read stays as it is: loading the hunt says what is wrong with it.
  if (document === null || document.errors.length > 0) return
  for (const key of remove) document.delete(key)
  for (const [key, value] of Object.entries(set)) document.set(key, value)
  // Where it is a link, what it leads to stays as it is.
  await rm(file)
  await writeFile(file, document.toString(), { flag: 'wx' })
}

async function readDocument(root: string, file: string) {
  try {
    const bytes = await readPlain(root, file, huntBounds.yamlBytes)
    return bytes && composeYaml(bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof NotPlain || error instanceof TooSlow || error instanceof Fault) return null
    throw error
  }
}
