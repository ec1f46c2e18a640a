import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { challengeFile, type Challenge, type ChallengeCheck, type ChallengeFile } from '../core/challenge.ts'
import { drawParam } from '../core/params.ts'
import type { Language } from '../core/text.ts'
import { suggestion } from '../lib/nearest.ts'
import { checkExpressions, checkTexts } from './lint-expressions.ts'
import type { Kinds } from './load-hunt.ts'
import { schemaFaults } from './schema-faults.ts'
import { buildStarter, StarterFault } from './starter.ts'
import { readYaml, type FileFault, type YamlFile } from './yaml-file.ts'

export interface Loading {
  kinds: Kinds
  faults: FileFault[]
  warnings: FileFault[]
  languages: readonly Language[]
}

export interface LoadedChallenge {
  challenge: Challenge
  file: YamlFile<ChallengeFile>
}

interface StoryFile {
  file: string
  text: string
}

/** Reads one challenge's folder; null where it cannot be read, with its faults added. */
export async function loadChallenge(
  folder: string,
  order: number,
  loading: Loading,
): Promise<LoadedChallenge | null> {
  const { kinds, faults, warnings } = loading
  const stories = await readStories(folder, loading)
  const file = await readYaml(join(folder, 'challenge.yaml'), challengeFile, faults)
  if (!file) return null
  const parsed = file.value.checks.map((check, index) => parseCheck(check, index, file, loading))
  const checks = parsed.filter((check) => check !== null)
  const { value } = file
  const own = checks.some((check) => check.kind === 'git') ? value.id : null
  const challenge: Challenge = {
    ...value,
    order,
    folder,
    repository: value.repository === undefined ? own : value.repository,
    checks,
    needs: [...new Set(checks.flatMap((check) => kinds.get(check.kind)?.needs ?? []))],
    commands: value.commands,
    story: storyOf(stories),
  }
  const lint = { challenge, file, kinds, faults, warnings }
  checkTexts(lint, Object.values(stories))
  // Later checks may look at the facts of one that could not be read.
  const whole = checks.length === parsed.length
  if (whole) checkExpressions(lint)
  await checkStarter(challenge, faults)
  if (!(await isFolder(join(folder, 'solution'))))
    warnings.push(file.fault([], 'there is no solution/: nobody can prove that it is solvable'))
  return whole && loading.languages.every((language) => stories[language]) ? { challenge, file } : null
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
    const said =
      kindName === undefined
        ? 'this check names no kind'
        : `this check names several kinds: ${Object.keys(rest).join(', ')}`
    faults.push(file.fault(path, `${said}; write exactly one of: ${known}`))
    return null
  }
  const kind = kinds.get(kindName)
  if (!kind) {
    const message = `there is no check kind ${JSON.stringify(kindName)}${suggestion(kindName, kinds.keys())}; there are: ${known}`
    faults.push(file.fault([...path, kindName], message))
    return null
  }
  const spec = rest[kindName] ?? {}
  const parsed = kind.spec.safeParse(spec)
  if (!parsed.success) {
    for (const one of schemaFaults(parsed.error.issues, kind.spec))
      faults.push(
        file.fault([...path, kindName, ...one.path], `${[kindName, ...one.path].join('.')}: ${one.message}`),
      )
    return null
  }
  return { kind: kindName, as: as ?? kindName, name, spec, expect }
}

async function readStories(
  folder: string,
  { faults, warnings, languages }: Loading,
): Promise<Partial<Record<Language, StoryFile>>> {
  const stories: Partial<Record<Language, StoryFile>> = {}
  for (const language of languages) {
    const file = join(folder, `story.${language}.md`)
    const here = { file, line: 1, column: 1 }
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text === null) {
      faults.push({ ...here, message: 'this story is missing: every language of the hunt needs one' })
      continue
    }
    const words = text.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length
    if (words < 120 || words > 300)
      warnings.push({ ...here, message: `the story has ${words} words; 120 to 300 read well` })
    stories[language] = { file, text }
  }
  return stories
}

function storyOf({ en, fr }: Partial<Record<Language, StoryFile>>): Challenge['story'] {
  return { en: en?.text ?? fr?.text ?? '', ...(fr && { fr: fr.text }) }
}

/** Builds the starter for somebody who does not exist: what fails here would fail at the first player's registration. */
async function checkStarter(challenge: Challenge, faults: FileFault[]): Promise<void> {
  const params = Object.fromEntries(
    Object.entries(challenge.params).map(([name, spec]) => [
      name,
      drawParam('lint', '0', challenge.id, name, spec),
    ]),
  )
  // A name may hold whatever would mean something in YAML.
  const player = { slug: 'nobody', name: 'O\'Nobody: "x" {#1} & *' }
  try {
    await buildStarter(challenge.folder, { params, player })
  } catch (error) {
    if (!(error instanceof StarterFault)) throw error
    faults.push(...error.faults)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
