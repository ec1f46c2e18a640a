import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BoardPart } from '../../core/board-parts.ts'
import { fileMs, huntBounds } from '../../core/hunt-bounds.ts'
import { inTime, TooSlow } from '../../lib/in-time.ts'
import { NotPlain, readPlain } from '../../lib/plain-files.ts'
import { challengeFile, type Challenge, type ChallengeFile } from '../../core/challenge.ts'
import type { Language } from '../../core/text.ts'
import { checkExpressions, checkTexts, type Lint } from './lint-expressions.ts'
import { checkScripts } from './lint-scripts.ts'
import { lintImages, lintStarter, type StarterNames } from './lint-starter.ts'
import { loadCheck } from './load-check.ts'
import { challengeStandIns } from './stand-ins.ts'
import { readYaml, type FileFault, type YamlFile } from '../../lib/yaml-file.ts'
import type { CheckKinds } from '../../checks/check.ts'

export interface Loading {
  /** The hunt's folder, which no file leads out of. */
  root: string
  kinds: CheckKinds
  faults: FileFault[]
  warnings: FileFault[]
  languages: readonly Language[]
}

export interface LoadedChallenge {
  challenge: Challenge
  file: YamlFile<ChallengeFile>
  hasStarter: boolean
  images: StarterNames
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
  const file = await readYaml(join(folder, 'challenge.yaml'), challengeFile, faults, {
    standIns: challengeStandIns,
    within: { root: loading.root, maxBytes: huntBounds.yamlBytes },
  })
  if (!file) return null
  const before = faults.length
  const checks = file.value.checks.map((check, index) => loadCheck(check, index, file, loading))
  const whole = file.whole && faults.length === before
  const { value } = file
  const images = await lintImages(folder, value, faults)
  const parts = checks.flatMap((check) => kinds.get(check.kind)?.needs ?? [])
  const own = checks.some((check) => check.kind === 'git') ? value.id : null
  const repository = value.repository === undefined ? own : value.repository
  const handedOut: BoardPart[] = [
    ...(repository === null ? [] : (['forge'] as const)),
    ...(images ? (['registry'] as const) : []),
  ]
  const challenge: Challenge = {
    ...value,
    order,
    folder,
    repository,
    checks,
    images: images && images.names.map(({ name }) => name),
    needs: [...new Set([...parts, ...handedOut])],
    commands: value.commands,
    story: storyOf(stories),
  }
  lintInTime({ challenge, file, kinds, faults, warnings }, Object.values(stories))
  await lintStarter(folder, value, faults, warnings)
  await checkScripts(challenge, file, loading)
  const hasStarter = await isFolder(join(folder, 'starter'))
  return whole && loading.languages.every((language) => stories[language])
    ? { challenge, file, hasStarter, images }
    : null
}

function lintInTime(lint: Lint, stories: readonly StoryFile[]): void {
  try {
    inTime(fileMs, () => {
      checkTexts(lint, stories)
      checkExpressions(lint)
    })
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error
    lint.faults.push(lint.file.fault([], error.message))
  }
}

async function readStories(
  folder: string,
  { root, faults, warnings, languages }: Loading,
): Promise<Partial<Record<Language, StoryFile>>> {
  const stories: Partial<Record<Language, StoryFile>> = {}
  for (const language of languages) {
    const file = join(folder, `story.${language}.md`)
    const here = { file, line: 1, column: 1 }
    const text = await readPlain(root, file, huntBounds.storyBytes).then(
      (bytes) => bytes?.toString('utf8'),
      (error: unknown) => {
        if (error instanceof NotPlain) return error
        throw error
      },
    )
    if (typeof text !== 'string') {
      const message = text?.message ?? 'this story is missing: every language of the hunt needs one'
      faults.push({ ...here, message })
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

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
