import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { CheckKind } from '../checks/check.ts'
import { challengeFile, type Challenge, type ChallengeCheck, type ChallengeFile } from '../core/challenge.ts'
import { huntFile, type Hunt, type HuntFile } from '../core/hunt.ts'
import type { Language } from '../core/text.ts'
import { checkExpressions } from './lint-expressions.ts'
import { checkHunt } from './lint-hunt.ts'
import { buildStarter, StarterFault } from './starter.ts'
import { drawParam } from '../core/params.ts'
import { readYaml, type FileFault, type YamlFile } from './yaml-file.ts'

export type Kinds = ReadonlyMap<string, CheckKind<unknown, unknown>>

export interface LoadedHunt {
  /** null where anything is at fault. */
  hunt: Hunt | null
  faults: FileFault[]
  warnings: FileFault[]
}

const folderName = /^(\d{2,3})-([a-z0-9-]+)$/

/** Reads `hunt.yaml` and the challenges' folders. Every fault is listed at once, with file, line, column and what to write. */
export async function loadHunt(folder: string, kinds: Kinds): Promise<LoadedHunt> {
  const faults: FileFault[] = []
  const warnings: FileFault[] = []
  const file = await readYaml(join(folder, 'hunt.yaml'), huntFile, faults)
  const names = await readdir(folder).catch(() => [])
  const challenges: { challenge: Challenge; file: YamlFile<ChallengeFile> }[] = []
  for (const name of names.sort()) {
    if (!(await isFolder(join(folder, name))) || name.startsWith('.')) continue
    const match = folderName.exec(name)
    if (!match) {
      const message = `a challenge's folder is named by number and words, such as 01-torn-map; this one is not looked at`
      warnings.push({ file: join(folder, name), line: 1, column: 1, message })
      continue
    }
    const loaded = await loadChallenge(join(folder, name), Number(match[1]), {
      kinds,
      faults,
      warnings,
      languages: file?.value.languages ?? ['en'],
    })
    if (loaded) challenges.push(loaded)
  }
  if (file) checkHunt(file, challenges, faults, warnings)
  if (file && challenges.length === 0 && faults.length === 0) {
    faults.push({
      file: folder,
      line: 1,
      column: 1,
      message: 'there is no challenge: make a folder such as 01-first-steps with challenge.yaml',
    })
  }
  const shown = (fault: FileFault) => ({ ...fault, file: relative(process.cwd(), fault.file) || fault.file })
  const hunt =
    file && faults.length === 0
      ? assemble(
          file.value,
          challenges.map((one) => one.challenge),
        )
      : null
  return { hunt, faults: faults.map(shown), warnings: warnings.map(shown) }
}

function assemble(file: HuntFile, challenges: Challenge[]): Hunt {
  return { ...file, challenges: challenges.sort((a, b) => a.order - b.order) }
}

interface Loading {
  kinds: Kinds
  faults: FileFault[]
  warnings: FileFault[]
  languages: readonly Language[]
}

async function loadChallenge(folder: string, order: number, loading: Loading) {
  const { kinds, faults, warnings } = loading
  const file = await readYaml(join(folder, 'challenge.yaml'), challengeFile, faults)
  if (!file) return null
  const checks = file.value.checks.map((check, index) => parseCheck(check, index, file, loading))
  const story = await readStory(folder, loading)
  const whole = checks.every((check) => check !== null)
  if (!whole) return null
  const { value } = file
  const challenge: Challenge = {
    ...value,
    order,
    folder,
    repository:
      value.repository === undefined
        ? checks.some((check) => check.kind === 'git')
          ? value.id
          : null
        : value.repository,
    checks,
    needs: [...new Set(checks.flatMap((check) => kinds.get(check.kind)?.needs ?? []))],
    commands: value.commands,
    // A missing story is a fault already; what else is wrong is still looked for.
    story: story ?? { en: '' },
  }
  checkExpressions(challenge, file, kinds, faults)
  await checkStarter(challenge, file, faults)
  if (!(await isFolder(join(folder, 'solution'))))
    warnings.push(file.fault([], 'there is no solution/: nobody can prove that it is solvable'))
  return { challenge, file }
}

/** `name`, `as`, `expect`, and exactly one key that is a check kind with its spec. */
function parseCheck(
  check: ChallengeFile['checks'][number],
  index: number,
  file: YamlFile<ChallengeFile>,
  { kinds, faults }: Loading,
): ChallengeCheck | null {
  const { name, as, expect, ...rest } = check
  const path = ['checks', index]
  const known = [...kinds.keys()].join(', ')
  const [kindName, ...others] = Object.keys(rest)
  if (kindName === undefined || others.length > 0) {
    const message =
      kindName === undefined
        ? 'this check names no kind'
        : `this check names several kinds: ${Object.keys(rest).join(', ')}`
    faults.push(file.fault(path, `${message}; write exactly one of: ${known}`))
    return null
  }
  const kind = kinds.get(kindName)
  if (!kind) {
    faults.push(
      file.fault(
        [...path, kindName],
        `there is no check kind ${JSON.stringify(kindName)}; there are: ${known}`,
      ),
    )
    return null
  }
  const parsed = kind.spec.safeParse(rest[kindName] ?? {})
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      faults.push(file.fault([...path, kindName, ...issue.path], issue.message))
    return null
  }
  return { kind: kindName, as: as ?? kindName, name, spec: rest[kindName] ?? {}, expect }
}

async function readStory(
  folder: string,
  { faults, warnings, languages }: Loading,
): Promise<Challenge['story'] | null> {
  const story: Partial<Record<Language, string>> = {}
  for (const language of languages) {
    const path = join(folder, `story.${language}.md`)
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) {
      faults.push({
        file: path,
        line: 1,
        column: 1,
        message: 'this story is missing: every language of the hunt needs one',
      })
      continue
    }
    const words = text.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length
    if (words < 120 || words > 300)
      warnings.push({
        file: path,
        line: 1,
        column: 1,
        message: `the story has ${words} words; 120 to 300 read well`,
      })
    story[language] = text
  }
  if (languages.some((language) => story[language] === undefined)) return null
  return { en: story.en ?? story.fr ?? '', ...(story.fr !== undefined && { fr: story.fr }) }
}

/** Builds the starter for somebody who does not exist: what fails here would fail at the first player's registration. */
async function checkStarter(
  challenge: Challenge,
  file: YamlFile<ChallengeFile>,
  faults: FileFault[],
): Promise<void> {
  const params = Object.fromEntries(
    Object.entries(challenge.params).map(([name, spec]) => [
      name,
      drawParam('lint', '0', challenge.id, name, spec),
    ]),
  )
  try {
    await buildStarter(challenge.folder, { params, player: { slug: 'nobody', name: 'Nobody' } })
  } catch (error) {
    if (error instanceof StarterFault) {
      faults.push(...error.faults)
      return
    }
    const [line] = (error as Error).message.split('\n').filter((text) => text.trim() !== '')
    faults.push({
      ...file.fault([], `the starter cannot be built: ${line ?? 'unknown'}`),
      file: join(challenge.folder, 'starter'),
    })
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
