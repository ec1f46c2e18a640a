import type { RepositoryReader, Snapshot } from '../board/forge/types.ts'
import { Inconclusive } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Looked } from './check.ts'
import { readCommits } from './git/commits.ts'
import { readData, readText } from './git/content.ts'
import { readNotes } from './git/notes.ts'
import { commitOf, lookUp, readAncestors, shortName } from './git/revision.ts'
import { gitFacts, gitSpec, nothingThere, type GitFacts, type GitSpec } from './git/spec.ts'
import { readTags } from './git/tags.ts'
import { filesFrom, readTree } from './git/tree.ts'

interface Scene {
  reader: RepositoryReader
  snapshot: Snapshot
  spec: GitSpec
  /** The commit that is looked at, and the full ref that names it. */
  head: string
  ref: string
  /** Remembers for the whole submission what was read under this key. */
  memo: <T>(key: string, make: () => Promise<T>) => Promise<T>
}

export const check: CheckKind<GitSpec, GitFacts> = {
  kind: 'git',
  spec: gitSpec,
  facts: gitFacts,
  needs: ['forge'],
  look,
}

async function look(spec: GitSpec, context: CheckContext): Promise<Looked<GitFacts>> {
  if (context.signal.aborted) throw new Inconclusive('Looking at the repository was stopped.')
  const repository = spec.repository ?? context.repository
  if (repository === null) return { facts: nothingThere(spec.ref ?? ''), evidence: [] }
  if (!context.board.forge) throw new Inconclusive('This board has no forge to read the repository from.')
  const snapshot = await context.snapshot(repository)
  const name = spec.ref ?? snapshot.head
  const place = lookUp(snapshot, name)
  const absent = { ...nothingThere(shortName(name)), branches: branchesOf(snapshot) }
  if (!place) return { facts: absent, evidence: [] }

  const reader = context.board.forge.reader({ slug: context.player.slug, name: repository })
  const close = () => reader.close()
  context.signal.addEventListener('abort', close)
  try {
    const head = await commitOf(reader, snapshot, place.oid)
    if (head === null) return { facts: absent, evidence: [] }
    const memo: Scene['memo'] = (key, make) => context.memo(`git:${repository}:${head}:${key}`, make)
    const facts = await see({ reader, snapshot, spec, head, ref: place.ref, memo })
    const where = `${repository} ${facts.branch}`
    return { facts, evidence: [{ what: 'commit', revision: head, where, at: new Date().toISOString() }] }
  } finally {
    context.signal.removeEventListener('abort', close)
    close()
  }
}

async function see(scene: Scene): Promise<GitFacts> {
  const { reader, snapshot, spec, head, ref, memo } = scene
  const [tags, notes, commits, ancestors, tree, signed, identical] = await Promise.all([
    readTags(reader, snapshot),
    readNotes(reader, snapshot),
    memo(`log:${spec.commits}:${spec.paths}`, () => readCommits(reader, head, spec.commits, spec.paths)),
    readAncestors(reader, snapshot, spec.ancestors),
    seeTree(scene),
    readSignature(reader, head),
    isIdentical(scene),
  ])
  const merges = commits.filter((commit) => commit.parents.length > 1).length
  return {
    found: true,
    head,
    branch: shortName(ref),
    branches: branchesOf(snapshot),
    tags,
    notes,
    commits,
    complete: commits.length < spec.commits || commits.at(-1)?.parents.length === 0,
    merges,
    linear: merges === 0,
    ancestors,
    history: {},
    ignored: {},
    attributes: {},
    submodules: {},
    signed,
    conflicts: null,
    identical,
    ...tree,
  }
}

async function seeTree({ reader, spec, head, memo }: Scene) {
  const { text, data } = spec
  const paths = spec.files && [...new Set([...spec.files, ...text, ...data])]
  const entries = await memo(`tree:${JSON.stringify(paths ?? null)}`, () => readTree(reader, head, paths))
  const [files, texts, values] = await Promise.all([
    filesFrom(reader, entries),
    readText(reader, entries, text),
    readData(reader, entries, data),
  ])
  return { files, text: texts, data: values }
}

function branchesOf(snapshot: Snapshot): Record<string, string> {
  const heads = Object.entries(snapshot.refs).filter(([name]) => name.startsWith('refs/heads/'))
  return Object.fromEntries(heads.map(([name, oid]) => [shortName(name), oid]))
}

async function isIdentical({ reader, head, ref }: Scene): Promise<boolean> {
  const given = (await reader.starter()).refs[ref]
  if (given === undefined) return false
  const [theirs, ours] = await reader.info([`${head}^{tree}`, `${given}^{tree}`])
  return theirs != null && theirs.oid === ours?.oid
}

const maxCommit = 1024 * 1024
const signatures = [
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
] as const

/** Which kind of signature the commit carries; whose it is would need the keys of its author. */
async function readSignature(reader: RepositoryReader, commit: string): Promise<string | null> {
  const object = (await reader.contents(commit, maxCommit))?.toString('latin1') ?? ''
  const header = object.slice(0, Math.max(0, object.indexOf('\n\n')))
  const signature = /^gpgsig(?:-sha256)? (.*)$/m.exec(header)?.[1]
  if (signature === undefined) return null
  return signatures.find(([begin]) => signature.startsWith(begin))?.[1] ?? 'unknown'
}
