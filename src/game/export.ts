import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { hintsOf } from '../db/hints.ts'
import type { MemberRow } from '../db/members.ts'
import { repositoriesOf } from '../db/repositories.ts'
import { listSubmissions, resultsOf } from '../db/submissions.ts'
import { solvesOf } from '../db/solves.ts'
import { tokensOf } from '../db/tokens.ts'
import type { Game } from './game.ts'

const most = 100_000

/** Where an export goes: a response that can be told what it is. */
type Target = Writable & { setHeader(name: string, value: string): unknown }

/** Everything that the hunt holds of a player, as a tar archive: `export.json`, and a Git bundle of each repository. */
export async function exportPlayer(game: Game, member: MemberRow, target: Target): Promise<void> {
  const { playerId, slug } = member
  if (playerId === null || slug === null) throw new Error('only a player has something to export')
  const profile = await profileOf(game, member, playerId)
  target.setHeader('Content-Type', 'application/x-tar')
  target.setHeader('Content-Disposition', `attachment; filename="shambhala-${slug}.tar"`)
  target.setHeader('Cache-Control', 'no-store')
  const archive = pack()
  const written = pipeline(archive, target)
  const add = (name: string, content: Buffer) =>
    new Promise<void>((resolve, reject) => {
      archive.entry({ name, mtime: new Date() }, content, (error) => (error ? reject(error) : resolve()))
    })
  await add('export.json', Buffer.from(`${JSON.stringify(profile, null, 2)}\n`))
  for (const name of profile.repositories) {
    // An entry's size comes before its content, and a repository is bounded by its quota.
    const bundle = await game.board.forge?.bundle({ slug, name })
    if (bundle) await add(`repositories/${name}.bundle`, await buffer(bundle))
  }
  archive.finalize()
  await written
}

async function profileOf(game: Game, member: MemberRow, playerId: string) {
  const submissions = []
  for (const row of await listSubmissions(game.sql, { playerId, limit: most })) {
    submissions.push({ ...row, checks: await resultsOf(game.sql, row.id) })
  }
  const { slug, name, email, language, createdAt } = member
  return {
    exportedAt: new Date(),
    player: { slug, name, email, language, createdAt },
    tokens: await tokensOf(game.sql, member.id),
    solves: await solvesOf(game.sql, playerId),
    hints: await hintsOf(game.sql, playerId),
    submissions,
    repositories: await repositoriesOf(game.sql, playerId),
  }
}
