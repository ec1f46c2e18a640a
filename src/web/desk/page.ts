import type { Request, Response } from 'express'
import type { Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { shellOf, show } from '../middleware/shell.ts'
import type { FormState } from '../models/shell.ts'
import { redirectWith } from '../request/flash.ts'
import { emptyForm } from '../request/form.ts'
import { deskAudit } from './audit/present.ts'
import { deskHunt } from './hunt/present.ts'
import type { DeskPage } from './model.ts'
import type { DeskPlayers } from './players/model.ts'
import { deskPlayers } from './players/present.ts'
import { deskStages } from './stages/present.ts'
import { deskSubmissions } from './submissions/present.ts'
import { troubledWorkspaces } from './workspaces/present.ts'

/** What stands on the desk in this one answer. */
interface Once {
  /** A form that came back. */
  windowForm?: FormState
  resetLink?: DeskPlayers['resetLink']
}

/** Answers with the desk, the one page that puts the rooms together. */
export async function showDesk(
  game: Game,
  req: Request,
  res: Response,
  once: Once = {},
  status = 200,
): Promise<void> {
  show(res, 'desk', await deskPage(game, req.query, shellOf(res).language, once), status)
}

/** Leads to the desk, which says what was done. */
export async function backToDesk(req: Request, res: Response, code: string, anchor = ''): Promise<void> {
  await redirectWith(req, res, `/desk${anchor}`, { kind: 'success', code })
}

async function deskPage(game: Game, query: unknown, language: Language, once: Once): Promise<DeskPage> {
  const failed = await troubledWorkspaces(game)
  return {
    hunt: deskHunt(game, once.windowForm ?? emptyForm),
    stages: await deskStages(game, language),
    players: await deskPlayers(game, query, once.resetLink ?? null),
    submissions: await deskSubmissions(game, query, language),
    workspaces: failed === null ? null : { failed },
    audit: await deskAudit(game),
  }
}
