import type { RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { readCommits } from './commits.ts'
import { markedIn, readConflicts } from './conflicts.ts'
import { readData, readText } from './content.ts'
import { searchHistory } from './history.ts'
import { readNotes } from './notes.ts'
import { commitOf, readAncestors, shortName } from './revision.ts'
import { readAttributes, readIgnored } from './rules.ts'
import { readSignature } from './signature.ts'
import type { GitFacts, GitSpec } from './spec.ts'
import { readSubmodules } from './submodules.ts'
import { readTags } from './tags.ts'
import { filesFrom, readTree } from './tree.ts'

/** What is looked at, and by whom. */
export interface CommitToSee {
  reader: RepositoryReader
  snapshot: Snapshot
  spec: GitSpec
  /** The commit, and the full ref that names it. */
  head: string
  ref: string
  /** Remembers for the whole submission what was read under this key. */
  memo: <T>(key: string, make: () => Promise<T>) => Promise<T>
}

/** Every fact of a commit that is there. All questions are asked at once. */
export async function see(commit: CommitToSee): Promise<GitFacts> {
  const { reader, snapshot, spec, head, ref } = commit
  const [commits, tree, tags, notes, ancestors, history, ignored, attributes, signed, identical] =
    await Promise.all([
      seeCommits(commit),
      seeTree(commit),
      readTags(reader, snapshot),
      readNotes(reader, snapshot),
      readAncestors(reader, snapshot, spec.ancestors),
      searchHistory(reader, snapshot, spec.history),
      readIgnored(reader, head, spec.ignored),
      readAttributes(reader, head, spec.attributes),
      readSignature(reader, head),
      isIdentical(commit),
    ])
  const rest = { tags, notes, ancestors, history, ignored, attributes, signed, identical }
  return {
    found: true,
    head,
    branch: shortName(ref),
    branches: branchesOf(snapshot),
    ...commits,
    ...tree,
    ...rest,
  }
}

export function branchesOf(snapshot: Snapshot): Record<string, string> {
  const heads = Object.entries(snapshot.refs).filter(([name]) => name.startsWith('refs/heads/'))
  return Object.fromEntries(heads.map(([name, oid]) => [shortName(name), oid]))
}

async function seeCommits({ reader, snapshot, spec, head, memo }: CommitToSee) {
  // One more than is told: without it, the first commit of all is within the window.
  const window = spec.commits + 1
  const above = spec.above === undefined ? null : await commitOf(reader, snapshot, spec.above)
  const log = { window, paths: spec.paths, above }
  const read = await memo(`log:${JSON.stringify(log)}`, () => readCommits(reader, head, log))
  const commits = read.slice(0, spec.commits)
  const merges = commits.filter((commit) => commit.parents.length > 1).length
  return { commits, complete: read.length < window, merges, linear: merges === 0 }
}

async function seeTree({ reader, spec, head, memo }: CommitToSee) {
  const { files: wanted, text, data } = spec
  const paths = wanted && [...new Set([...wanted, ...text, ...data, '.gitmodules'])]
  const entries = await memo(`tree:${JSON.stringify(paths ?? null)}`, () => readTree(reader, head, paths))
  const [files, texts, values, submodules, marked] = await Promise.all([
    filesFrom(reader, entries),
    readText(reader, entries, text),
    readData(reader, entries, data),
    readSubmodules(reader, head, entries),
    spec.conflicts ? readConflicts(reader, entries) : null,
  ])
  const conflicts = marked && [...new Set([...marked, ...markedIn(texts)])]
  return { files, text: texts, data: values, submodules, conflicts }
}

async function isIdentical({ reader, head, ref }: CommitToSee): Promise<boolean> {
  const given = (await reader.starter()).refs[ref]
  if (given === undefined) return false
  const [theirs, ours] = await reader.info([`${head}^{tree}`, `${given}^{tree}`])
  return theirs != null && theirs.oid === ours?.oid
}
