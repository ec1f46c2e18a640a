import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Challenge } from '../../core/challenge.ts'
import { huntBounds } from '../../core/hunt-bounds.ts'
import { suggestion } from '../../lib/nearest.ts'
import type { FileFault, YamlFile } from '../../lib/yaml-file.ts'
import { NotPlain, readPlain } from '../../lib/plain-files.ts'
import { namesOrFault } from './names-or-fault.ts'
import { readExpectation } from './wrong-ways.ts'

/** What `prove` will need of a challenge's folder: its solution, and ways that are wrong where they say. */
export async function checkScripts(
  challenge: Challenge,
  file: YamlFile<unknown>,
  { root, faults, warnings }: { root: string; faults: FileFault[]; warnings: FileFault[] },
): Promise<void> {
  const solution = join(challenge.folder, 'solution')
  if (await isFolder(solution)) await checkScript(root, join(solution, 'solve.sh'), faults)
  else warnings.push(file.fault([], 'there is no solution/: nobody can prove that it is solvable'))
  const play = join(solution, 'play.bash')
  if ((await lstat(play).catch(() => null)) !== null) await checkScript(root, play, faults)
  const wrong = join(challenge.folder, 'wrong')
  for (const name of await namesOrFault(root, wrong, huntBounds.wrongWays, faults)) {
    if (!(await isFolder(join(wrong, name)))) {
      faults.push(at(join(wrong, name), 'a wrong way is a folder with solve.sh and expect.yaml'))
      continue
    }
    await checkScript(root, join(wrong, name, 'solve.sh'), faults)
    const expect = await readExpectation(root, join(wrong, name), faults)
    if (expect) checkExpected(challenge, expect, faults)
  }
}

/** The check must be there, and where its messages can be known beforehand, the finding too. */
function checkExpected(
  challenge: Challenge,
  expect: YamlFile<{ check: string | number; finding: string }>,
  faults: FileFault[],
): void {
  const { value } = expect
  const names = challenge.checks.map((check) => check.name.en)
  const check = challenge.checks.find((one, index) => one.name.en === value.check || index === value.check)
  if (!check) {
    const meant = suggestion(String(value.check), names)
    const known = names.map((name) => JSON.stringify(name)).join(', ')
    faults.push(
      expect.fault(
        ['check'],
        `there is no check ${JSON.stringify(value.check)}${meant}; there are: ${known}`,
      ),
    )
    return
  }
  const messages = check.expect.map((expectation) => expectation.else.en)
  if (messages.some((message) => message.includes(value.finding) || message.includes('{{'))) return
  const meant = suggestion(value.finding, messages)
  faults.push(
    expect.fault(['finding'], `no finding of this check says ${JSON.stringify(value.finding)}${meant}`),
  )
}

async function checkScript(root: string, path: string, faults: FileFault[]): Promise<void> {
  const text = await readPlain(root, path, huntBounds.scriptBytes).catch((error: unknown) => {
    if (error instanceof NotPlain) return error
    throw error
  })
  if (text === null) faults.push(at(path, 'this script is missing'))
  else if (text instanceof NotPlain) faults.push(at(path, text.message))
  else if (text.includes('\r\n'))
    faults.push(
      at(path, 'this script has the line ends of Windows, which sh takes for commands: save it with LF'),
    )
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function at(file: string, message: string): FileFault {
  return { file, line: 1, column: 1, message }
}
