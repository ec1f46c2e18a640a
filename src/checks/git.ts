import type { RepositoryReader, Snapshot } from '../board/forge/types.ts'
import { Inconclusive } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Looked } from './check.ts'
import { commitOf, lookUp, shortName } from './git/revision.ts'
import { branchesOf, see, type CommitToSee } from './git/see.ts'
import { gitFacts, gitSpec, nothingThere, type GitFacts, type GitSpec } from './git/spec.ts'

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

  const reader = context.board.forge.reader(repository)
  const close = () => reader.close()
  context.signal.addEventListener('abort', close)
  const shared: Promise<unknown>[] = []
  try {
    const head = await headOf(reader, snapshot, place)
    if (head === null) return { facts: absent, evidence: [] }
    const memo: CommitToSee['memo'] = (key, make) => {
      const made = context.memo(`git:${repository}:${head}:${key}`, make)
      shared.push(made)
      return made
    }
    const facts = await see({ reader, snapshot, spec, head, ref: place.ref, memo })
    const where = `${repository} ${facts.branch}`
    return { facts, evidence: [{ what: 'commit', revision: head, where, at: new Date().toISOString() }] }
  } finally {
    // A check that fails early must not stop what the checks after it will find in the memory.
    await Promise.allSettled(shared)
    context.signal.removeEventListener('abort', close)
    close()
  }
}

/** Git lets a branch name nothing but a commit, so that nobody needs to wait for the answer; a tag may name anything. */
async function headOf(
  reader: RepositoryReader,
  snapshot: Snapshot,
  place: { ref: string; oid: string },
): Promise<string | null> {
  if (place.ref.startsWith('refs/heads/')) return place.oid
  const [named] = await reader.info([place.oid])
  if (!named) throw new Inconclusive('What the repository held when it was received is no longer there.')
  return commitOf(reader, snapshot, place.oid)
}
