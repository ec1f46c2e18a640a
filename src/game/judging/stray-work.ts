import type { RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import type { CheckContext } from '../../checks/check.ts'
import { lookUp, shortName } from '../../checks/git/revision.ts'
import { gitSpec, type GitSpec } from '../../checks/git/spec.ts'
import type { Challenge, ChallengeCheck } from '../../core/challenge.ts'
import { renderSpec } from '../../core/template.ts'
import type { Localized } from '../../core/text.ts'
import { visible } from '../../core/visible.ts'
import { withDeadline } from '../../lib/deadline.ts'

const seconds = 5
const mostBranches = 50

export interface FailedCheck {
  challenge: Challenge
  check: ChallengeCheck
  context: CheckContext
}

interface Branch {
  ref: string
  oid: string
}

interface Places {
  snapshot: Snapshot
  starter: Snapshot
  /** The branch that the check looks at, and its commit where it has one. */
  target: { ref: string; oid: string | undefined }
  /** Branches that no check of the stage looks at or speaks of. */
  strays: readonly Branch[]
  /** Commits that are no news: of the starter, and of other branches that are looked at. */
  known: readonly string[]
}

/**
 * What to do where a check of a branch failed and the newest work lies on another one, at which this stage does not look; null
 * where that is not so.
 */
export async function strayWork(failed: FailedCheck): Promise<Localized | null> {
  const { forge } = failed.context.board
  if (failed.check.kind !== 'git' || !forge) return null
  const repository = repositoryIn(failed, specOf(failed, failed.check))
  if (repository === null) return null
  const reader = forge.reader(repository)
  try {
    return await withDeadline(seconds * 1000, failed.context.signal, async () => {
      const places = await placesOf(reader, failed, repository)
      if (places === null || places.strays.length === 0) return null
      const stray = await newestIn(reader, places)
      return stray === null ? null : wayTo(places.target, stray, await commandsFor(reader, places, stray))
    })
  } finally {
    reader.close()
  }
}

function specOf({ context: { params, player } }: FailedCheck, { spec }: ChallengeCheck): GitSpec {
  return gitSpec.parse(renderSpec(spec, { params, player }))
}

function repositoryIn({ context }: FailedCheck, { repository }: GitSpec): string | null {
  return repository ?? context.repository
}

async function placesOf(
  reader: RepositoryReader,
  failed: FailedCheck,
  repository: string,
): Promise<Places | null> {
  const [snapshot, starter] = await Promise.all([failed.context.snapshot(repository), reader.starter()])
  const branchOf = ({ ref }: GitSpec): string | null => {
    const name = ref ?? snapshot.head
    const place = lookUp(snapshot, name)?.ref ?? lookUp(starter, name)?.ref ?? (ref ? '' : name)
    return place.startsWith('refs/heads/') ? place : null
  }
  const target = branchOf(specOf(failed, failed.check))
  if (target === null) return null
  const { checks } = failed.challenge
  const looked = new Set(
    checks
      .filter(({ kind }) => kind === 'git')
      .map((check) => specOf(failed, check))
      .flatMap((spec) => (repositoryIn(failed, spec) === repository ? (branchOf(spec) ?? []) : [])),
  )
  const said = new Set(
    checks.flatMap(({ expect }) => expect.flatMap(({ that }) => that.match(/[\w/-]+/g) ?? [])),
  )
  const strays = Object.entries(snapshot.refs)
    .map(([ref, oid]): Branch => ({ ref, oid }))
    .filter(({ ref, oid }) => ref.startsWith('refs/heads/') && !looked.has(ref) && starter.refs[ref] !== oid)
    .filter(({ ref }) => !said.has(shortName(ref)))
    .slice(0, mostBranches)
  looked.delete(target)
  const others = [...looked].flatMap((ref) => snapshot.refs[ref] ?? [])
  const known = [...new Set([...Object.values(starter.refs), ...others])]
  return { snapshot, starter, target: { ref: target, oid: snapshot.refs[target] }, strays, known }
}

/** The branch with the newest commit, unless that is the one that is looked at. */
async function newestIn(
  reader: RepositoryReader,
  { starter, target, strays, known }: Places,
): Promise<Branch | null> {
  const tips = new Set(strays.map(({ oid }) => oid))
  if (target.oid !== undefined && target.oid !== starter.refs[target.ref]) tips.add(target.oid)
  const out = await reader.git(['rev-list', '--max-count=1', '--date-order', ...tips, '--not', ...known])
  const newest = out.toString().trim()
  return newest === target.oid ? null : (strays.find(({ oid }) => oid === newest) ?? null)
}

async function commandsFor(
  reader: RepositoryReader,
  { target }: Places,
  stray: Branch,
): Promise<readonly string[]> {
  const [from, to] = [quoted(shortName(stray.ref)), quoted(shortName(target.ref))]
  const { oid } = target
  const beyond = oid === undefined ? '' : await reader.git(['rev-list', '-n', '1', oid, `^${stray.oid}`])
  if (beyond.length === 0 || oid === undefined) return [`git push origin ${from}:${to}`]
  // Exit code 1: they have nothing in common.
  const common = await reader.git(['merge-base', oid, stray.oid], { codes: [0, 1] })
  const unrelated = common.length === 0
  return [
    ...(unrelated ? ['git fetch'] : []),
    `git switch ${to}`,
    `git merge ${unrelated ? '--allow-unrelated-histories ' : ''}${from}`,
    'git push',
  ]
}

function wayTo(target: Places['target'], stray: Branch, commands: readonly string[]): Localized {
  const [there, here] = [visible(shortName(stray.ref)), visible(shortName(target.ref))]
  return {
    en: `Your newest work is on ${there}, and what is looked at is ${here}: ${commands.join(', then ')}`,
    fr: `Ton travail le plus récent est sur ${there}, et c’est ${here} qui est regardée : ${commands.join(', puis ')}`,
  }
}

/** A name as bash takes it. */
function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : visible(`'${name.replaceAll("'", "'\\''")}'`)
}
