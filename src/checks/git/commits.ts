import type { RepositoryReader } from '../../board/forge/types.ts'
import { changesBetween } from './changes.ts'
import type { GitFacts, Person } from './spec.ts'
import { withoutLastLineEnds, withoutMark } from '../../lib/decode-text.ts'
import { openTrees } from './trees.ts'

type Commit = GitFacts['commits'][number]

const maxBytes = 8 * 1024 * 1024
/** Lines of trees that are compared in all. */
const maxCompared = 200_000
const together = 8
const trailers = '%(trailers:only=true,unfold=true,separator=%x1f,key_value_separator=%x1e)'
const fields = ['%H', '%P', '%an', '%ae', '%ad', '%cn', '%ce', '%cd', '%s', '%b', trailers]

/**
 * The newest `window` commits that `oid` reaches, and `above` does not, newest first. With `paths`, what each changed against its
 * first parent.
 */
export async function readCommits(
  reader: RepositoryReader,
  oid: string,
  { window, paths, above }: { window: number; paths: boolean; above: string | null },
): Promise<Commit[]> {
  const out = await reader.git(
    [
      'log',
      '-z',
      `--max-count=${window}`,
      '--topo-order',
      '--no-notes',
      '--no-decorate',
      '--no-color',
      '--no-show-signature',
      '--no-mailmap',
      '--no-patch',
      '--encoding=UTF-8',
      '--date=raw',
      `--format=${fields.join('%x00')}`,
      oid,
      ...(above === null ? [] : [`^${above}`]),
      '--',
    ],
    { maxBytes },
  )
  const commits = parse(out.toString('utf8').split('\0'))
  return paths ? await withPaths(reader, commits) : commits
}

/** Every commit is its fields. */
function parse(tokens: readonly string[]): Commit[] {
  const commits: Commit[] = []
  for (let at = 0; at + fields.length <= tokens.length; at += fields.length)
    commits.push(commitFrom(tokens.slice(at, at + fields.length)))
  return commits
}

async function withPaths(reader: RepositoryReader, commits: readonly Commit[]): Promise<Commit[]> {
  const trees = openTrees(reader)
  const budget = { left: maxCompared }
  const pathsOf = async ({ sha, parents: [first] }: Commit) => {
    const [before, after] = await Promise.all([
      first === undefined ? null : trees.rootOf(first),
      trees.rootOf(sha),
    ])
    return (await changesBetween(trees, before, after, budget)).map(({ path }) => path)
  }
  const told: Commit[] = []
  for (let from = 0; from < commits.length; from += together) {
    const some = commits.slice(from, from + together)
    const paths = await Promise.all(some.map(pathsOf))
    told.push(...some.map((commit, index) => ({ ...commit, paths: paths[index] ?? [] })))
  }
  return told
}

function commitFrom(token: readonly string[]): Commit {
  const [
    sha = '',
    parents = '',
    an = '',
    ae = '',
    ad = '',
    cn = '',
    ce = '',
    cd = '',
    subject = '',
    body = '',
    tail = '',
  ] = token
  return {
    sha,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: isoDate(ad) },
    committer: { name: cn, email: ce, date: isoDate(cd) },
    subject: withoutMark(subject),
    body: withoutLastLineEnds(body),
    trailers: groupTrailers(tail),
    paths: null,
  }
}

function groupTrailers(tail: string): Record<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const line of tail.split('\x1f').filter((one) => one !== '')) {
    const [key = '', value = ''] = line.split('\x1e')
    const values = groups.get(key)
    // One by one: a commit may have a hundred thousand of a kind, and a list that is made anew for each would hold up everybody.
    if (values) values.push(value.trim())
    else groups.set(key, [value.trim()])
  }
  return Object.fromEntries(groups)
}

/** `1700000000 +0200` as RFC 3339 with that offset; empty when no four-digit year holds it. */
export function isoDate(raw: string): string {
  const match = /^(-?\d{1,15}) ([+-])(\d\d)(\d\d)$/.exec(raw.trim())
  if (!match) return ''
  const [, seconds, sign = '+', hours = '00', minutes = '00'] = match
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  const local = new Date((Number(seconds) + offset * 60) * 1000)
  if (Number.isNaN(local.getTime()) || Number(minutes) > 59 || Number(hours) > 23) return ''
  const iso = local.toISOString()
  return /^\d{4}-/.test(iso) ? iso.replace(/\.000Z$/, `${sign}${hours}:${minutes}`) : ''
}

/** `Name <mail> 1700000000 +0200`, as commit and tag objects have it. */
export function personFrom(line: string): Person {
  const match = /^(.*?) ?<([^>]*)> ?(.*)$/.exec(line)
  return { name: match?.[1] ?? line, email: match?.[2] ?? '', date: isoDate(match?.[3] ?? '') }
}
