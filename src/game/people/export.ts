import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack as createPack, type Pack } from 'tar-stream'
import { exportedRepositories, exportedSubmissions, type ExportedSubmission } from '../../db/export.ts'
import { hintsOf } from '../../db/hints.ts'
import type { MemberRow } from '../../db/members.ts'
import { playerById } from '../../db/players.ts'
import { solvesOf } from '../../db/solves.ts'
import { tokensOf } from '../../db/tokens.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

/**
 * Sends everything that the hunt holds of a player as a tar archive: `export.json`, and each repository as
 * `repositories/NAME.bundle`, which `git clone` reads. Rejects before the first byte, or breaks the answer off.
 */
export async function exportPlayer(
  game: Pick<Game, 'sql' | 'board' | 'log'>,
  member: MemberRow,
  res: ServerResponse,
): Promise<void> {
  const { playerId, slug } = member
  if (playerId === null || slug === null)
    throw new Refusal(403, 'not-playing', 'This account does not play: there is nothing to export.')
  const held = await heldOf(game, member, playerId)
  res.writeHead(200, {
    'Content-Type': 'application/x-tar',
    'Content-Disposition': `attachment; filename="shambhala-${slug}.tar"`,
    'Cache-Control': 'no-store',
  })
  const pack = createPack()
  const filled = fill(game, pack, slug, held).catch((error: unknown) => {
    // An archive without its end is seen to be broken; one that ended early would not be.
    pack.destroy(error as Error)
    game.log.warn({ err: error, slug }, 'an export broke off')
  })
  await pipeline(pack, res).catch(() => res.destroy())
  await filled
}

type Held = Awaited<ReturnType<typeof heldOf>>

async function heldOf(game: Pick<Game, 'sql'>, member: MemberRow, playerId: string) {
  const { sql } = game
  const submissions: ExportedSubmission[] = []
  for await (const rows of exportedSubmissions(sql, playerId)) submissions.push(...rows)
  submissions.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
  const player = await playerById(sql, playerId)
  const { name, email, language, createdAt } = member
  return {
    format: 1,
    exportedAt: new Date(),
    player: { slug: player?.slug, name: player?.name, hidden: player?.hidden, createdAt: player?.createdAt },
    member: { name, email, language, createdAt },
    tokens: await tokensOf(sql, member.id),
    solves: await solvesOf(sql, playerId),
    hints: await hintsOf(sql, playerId),
    repositories: await exportedRepositories(sql, playerId),
    submissions,
  }
}

async function fill(game: Pick<Game, 'board'>, pack: Pack, slug: string, held: Held): Promise<void> {
  pack.entry({ name: 'export.json', mtime: held.exportedAt }, `${JSON.stringify(held, null, 2)}\n`)
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-export-'))
  try {
    for (const { name } of held.repositories) {
      const bundle = (await game.board.forge?.has({ slug, name }))
        ? await game.board.forge?.bundle({ slug, name })
        : null
      if (bundle) await addFile(pack, `repositories/${name}.bundle`, bundle, join(folder, 'bundle'))
    }
    pack.finalize()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An archive says the size before the content: what has none yet goes by way of a file. */
async function addFile(pack: Pack, name: string, content: Readable, spool: string): Promise<void> {
  await pipeline(content, createWriteStream(spool))
  const { size } = await stat(spool)
  await pipeline(createReadStream(spool), pack.entry({ name, size }))
}
