import { join } from 'node:path'
import type { ChallengeFile } from '../../core/challenge.ts'
import { drawParam } from '../../core/params.ts'
import { StarterFault, type StarterValues } from '../starters/files.ts'
import { buildImages, readStarterImages } from '../starters/images.ts'
import { buildStarter } from '../starters/starter.ts'
import { visible } from '../../core/visible.ts'
import { endingsAtRisk } from '../starters/line-ends.ts'
import type { FileFault } from '../../lib/yaml-file.ts'

const mostWarnings = 20

/** The images that a challenge hands out, each with the place where a fault of its name is told. */
export type StarterNames = { names: { name: string; fault: (message: string) => FileFault }[] } | null

/** Builds the starter for somebody who does not exist: what fails here would fail at the first player's registration. */
export async function lintStarter(
  folder: string,
  challenge: ChallengeFile,
  faults: FileFault[],
  warnings: FileFault[],
): Promise<void> {
  const history = await told(faults, () => buildStarter(folder, nobody(challenge, '0')))
  const risky = history ? await endingsAtRisk(history) : []
  const file = join(folder, 'starter', '.gitattributes')
  for (const path of risky.slice(0, mostWarnings))
    warnings.push({ file, line: 1, column: 1, message: notLf(path) })
}

function notLf(path: string): string {
  return `${visible(path)} is handed out without LF for sure: where core.autocrlf is true, as in Git for Windows, it comes with line ends with which it does not run. Save it with LF, and write "* text=auto eol=lf" into .gitattributes`
}

/** The same for its images. */
export async function lintImages(
  folder: string,
  challenge: ChallengeFile,
  faults: FileFault[],
): Promise<StarterNames> {
  return await told(faults, async () => {
    const values = nobody(challenge, '0')
    const file = await readStarterImages(folder, values)
    const other = await readStarterImages(folder, nobody(challenge, '1'))
    if (!file) return null
    await buildImages(folder, values)
    const names = file.value.images.map(({ repository, tag }, index) => ({
      name: `${repository}:${tag}`,
      fault: (message: string) => file.fault(['images', index, 'repository'], message),
    }))
    for (const [index, { name, fault }] of names.entries()) {
      const same = other?.value.images[index]
      if (name !== `${same?.repository ?? ''}:${same?.tag ?? ''}`)
        faults.push(fault(`the name ${name} is another for each player: stories and pages name it for all`))
    }
    return { names }
  })
}

async function told<T>(faults: FileFault[], work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StarterFault)) throw error
    faults.push(...error.faults)
    return null
  }
}

function nobody(challenge: ChallengeFile, number: string): StarterValues {
  const drawn = Object.entries(challenge.params).map(([name, spec]) => [
    name,
    drawParam('lint', number, challenge.id, name, spec),
  ])
  const slug = `nobody${number}`
  const registry = { host: 'registry.example.org', path: `registry.example.org/${slug}` }
  return {
    params: Object.fromEntries(drawn) as StarterValues['params'],
    // A name may hold whatever would mean something in YAML.
    player: { slug, name: `O'Nobody: "x" {#${number}} & *` },
    hunt: { images: 'hunt/' },
    registry,
  }
}
