import type { Request, Response } from 'express'
import type { Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { kept, type Kept, type RefusedForm } from '../auth/keepsakes.ts'
import { shellOf, show } from '../middleware/shell.ts'
import { redirectWith } from '../request/flash.ts'
import { refusedForm, statusOf } from '../request/refused-form.ts'
import { deskAudit } from './audit/present.ts'
import { deskHunt } from './hunt/present.ts'
import type { DeskPage } from './model.ts'
import { deskPlayers } from './players/present.ts'
import { deskStages } from './stages/present.ts'
import { deskSubmissions } from './submissions/present.ts'
import { troubledWorkspaces } from './workspaces/present.ts'

/** Answers with the desk, the one page that puts the rooms together. */
export async function showDesk(game: Game, req: Request, res: Response): Promise<void> {
  const refused = await refusedForm(game, req)
  const links = await kept(game, req, 'link')
  const page = await deskPage(game, req.query, shellOf(res).language, { refused, links })
  show(res, 'desk', page, statusOf(refused))
}

/** Leads to the desk, which says what was done. */
export async function backToDesk(req: Request, res: Response, code: string, anchor = ''): Promise<void> {
  await redirectWith(req, res, `/desk${anchor}`, { kind: 'success', code })
}

/** What stands on the desk for this session alone. */
interface Own {
  refused: RefusedForm | undefined
  links: readonly Kept<'link'>[]
}

async function deskPage(game: Game, query: unknown, language: Language, own: Own): Promise<DeskPage> {
  const failed = await troubledWorkspaces(game)
  return {
    hunt: deskHunt(game, own.refused),
    stages: await deskStages(game, language),
    players: await deskPlayers(game, query, own.links),
    submissions: await deskSubmissions(game, query, language),
    workspaces: failed === null ? null : { failed },
    audit: await deskAudit(game, language),
  }
}
