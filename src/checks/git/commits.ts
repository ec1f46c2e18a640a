import type { RepositoryReader } from '../../board/forge/types.ts'
import type { GitFacts, Person } from './spec.ts'
import { withoutMark } from '../../lib/decode-text.ts'

type Commit = GitFacts['commits'][number]

const maxBytes = 8 * 1024 * 1024
const trailers = '%(trailers:only=true,unfold=true,separator=%x1f,key_value_separator=%x1e)'
const fields = ['%H', '%P', '%an', '%ae', '%ad', '%cn', '%ce', '%cd', '%s', '%b', trailers]

/** The newest `window` commits that `oid` reaches, newest first. With `paths`, what each changed against its first parent. */
export async function readCommits(
  reader: RepositoryReader,
  oid: string,
  window: number,
  paths: boolean,
): Promise<Commit[]> {
  const changes = [
    '--raw',
    '--no-renames',
    '--no-abbrev',
    '--diff-merges=first-parent',
    '--root',
    '--no-ext-diff',
    '--no-textconv',
  ]
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
      '--encoding=UTF-8',
      '--date=raw',
      `--format=${fields.join('%x00')}`,
      ...(paths ? changes : ['--no-patch']),
      oid,
      '--',
    ],
    { maxBytes },
  )
  return parse(out.toString('utf8').split('\0'), paths)
}

/** Every commit is its fields; then, for each changed path, a token that begins with a colon and the path. */
function parse(tokens: readonly string[], paths: boolean): Commit[] {
  const commits: Commit[] = []
  for (let at = 0; at + fields.length <= tokens.length;) {
    const commit = commitFrom(tokens.slice(at, at + fields.length), paths ? [] : null)
    at += fields.length
    for (; /^\n?:/.test(tokens[at] ?? ''); at += 2) commit.paths?.push(tokens[at + 1] ?? '')
    commits.push(commit)
  }
  return commits
}

function commitFrom(token: readonly string[], paths: string[] | null): Commit {
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
    body: body.replace(/\n+$/, ''),
    trailers: groupTrailers(tail),
    paths,
  }
}

function groupTrailers(tail: string): Record<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const line of tail.split('\x1f').filter((one) => one !== '')) {
    const [key = '', value = ''] = line.split('\x1e')
    groups.set(key, [...(groups.get(key) ?? []), value.trim()])
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
