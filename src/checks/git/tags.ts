import type { RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { withoutLastLineEnds, withoutMark } from '../../lib/decode-text.ts'
import { TooLarge } from '../../lib/errors.ts'
import { personFrom } from './commits.ts'
import type { GitFacts } from './spec.ts'

type Tag = GitFacts['tags'][string]

const maxTags = 2000
const maxBytes = 64 * 1024

/** All tags of the snapshot by short name. More than 2 000, or one larger than 64 KiB, throw `TooLarge`. */
export async function readTags(reader: RepositoryReader, snapshot: Snapshot): Promise<GitFacts['tags']> {
  const refs = Object.entries(snapshot.refs).filter(([name]) => name.startsWith('refs/tags/'))
  if (refs.length > maxTags)
    throw new TooLarge(
      `The repository has ${refs.length} tags; at most ${maxTags} are read.`,
      `Le dépôt a ${refs.length} tags ; on en lit ${maxTags} au plus.`,
    )
  const tags = refs.map(async ([name, oid]): Promise<[string, Tag]> => [
    name.slice('refs/tags/'.length),
    await readTag(reader, oid),
  ])
  return Object.fromEntries(await Promise.all(tags))
}

async function readTag(reader: RepositoryReader, oid: string): Promise<Tag> {
  const [tag, peeled] = await reader.info([oid, `${oid}^{}`])
  const target = peeled?.oid ?? oid
  if (tag?.type !== 'tag') return { sha: oid, target, annotated: false, message: '', tagger: null }
  const text = (await reader.contents(oid, maxBytes))?.toString('utf8') ?? ''
  const end = text.indexOf('\n\n')
  const tagger = /^tagger (.*)$/m.exec(end < 0 ? text : text.slice(0, end))?.[1]
  return {
    sha: oid,
    target,
    annotated: true,
    message: end < 0 ? '' : withoutSignature(withoutMark(text.slice(end + 2))),
    tagger: tagger === undefined ? null : personFrom(tagger),
  }
}

function withoutSignature(message: string): string {
  return withoutLastLineEnds(
    message.replace(/^-----BEGIN (PGP|SSH|SIGNED) (SIGNATURE|MESSAGE)-----[^]*$/m, ''),
  )
}
