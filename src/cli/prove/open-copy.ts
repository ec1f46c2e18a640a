import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { newProofId } from '../../core/owner.ts'
import { Fault } from '../../lib/errors.ts'

/** The hunt in which everything is open: no window, no code, no challenge that waits for another. */
export async function openCopy(folder: string, copy: string): Promise<void> {
  await cp(folder, copy, { recursive: true }).catch((error: unknown) => {
    throw new Fault(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  await editYaml(join(copy, 'hunt.yaml'), ['start', 'end', 'freeze'], {
    registration: 'open',
    id: newProofId(),
  })
  for (const entry of await readdir(copy, { withFileTypes: true }))
    if (entry.isDirectory()) await editYaml(join(copy, entry.name, 'challenge.yaml'), ['after'])
}

async function editYaml(
  file: string,
  remove: readonly string[],
  set: Readonly<Record<string, string>> = {},
): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const document = parseDocument(text)
  // What cannot be parsed stays as it is: loading the hunt says what is wrong with it.
  if (document.errors.length > 0) return
  for (const key of remove) document.delete(key)
  for (const [key, value] of Object.entries(set)) document.set(key, value)
  await writeFile(file, document.toString())
}
