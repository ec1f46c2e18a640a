import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import type { GitFacts } from './spec.ts'
import { readTree, type Entry } from './tree.ts'

const maxBytes = 64 * 1024

/** Submodules by path: those that `.gitmodules` names, and commits that stand in the tree without being named. Nothing is fetched. */
export async function readSubmodules(
  reader: RepositoryReader,
  commit: string,
  entries: readonly Entry[],
): Promise<GitFacts['submodules']> {
  const modules = entries.find((entry) => entry.path === '.gitmodules' && entry.mode.startsWith('100'))
  const urls = modules ? await readUrls(reader, modules) : new Map<string, string>()
  const listed = new Set(entries.map((entry) => entry.path))
  const unlisted = [...urls.keys()].filter((path) => !listed.has(path))
  const more = unlisted.length > 0 ? await readTree(reader, commit, unlisted) : []
  const links = [...entries, ...more].filter((entry) => entry.mode === '160000')
  const shas = new Map(links.map(({ path, sha }) => [path, sha]))
  const paths = new Set([...urls.keys(), ...shas.keys()])
  return Object.fromEntries(
    [...paths].map((path) => [path, { url: urls.get(path) ?? '', sha: shas.get(path) ?? '' }]),
  )
}

async function readUrls(reader: RepositoryReader, { sha, size }: Entry): Promise<Map<string, string>> {
  if (size > maxBytes)
    throw new TooLarge(
      `.gitmodules has ${size} bytes; at most ${maxBytes} are read.`,
      `.gitmodules fait ${size} octets ; on en lit ${maxBytes} au plus.`,
    )
  // Codes other than 0: the file is malformed, and names no submodule.
  const out = await reader.git(['config', '--no-includes', '--blob', sha, '-z', '--list'], {
    codes: [0, 1, 3, 128],
  })
  const modules = new Map<string, { path?: string; url?: string }>()
  for (const line of out.toString('utf8').split('\0')) {
    const [, name = '', key = '', value = ''] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(line) ?? []
    if (name !== '') modules.set(name, { ...modules.get(name), [key]: value })
  }
  return new Map([...modules.values()].flatMap(({ path, url }) => (path ? [[path, url ?? '']] : [])))
}
