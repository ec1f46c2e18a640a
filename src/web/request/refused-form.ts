import type { Request, Response } from 'express'
import type { Game } from '../../game/game.ts'
import { keep, kept, type Kept, type RefusedForm } from '../auth/keepsakes.ts'
import { emptyForm } from './form.ts'
import type { FormState } from '../models/shell.ts'

type Keeper = Pick<Game, 'sql' | 'secret'>

/**
 * Leads back to the page of a form that was refused. The address says which form it was: another tab, a reload and a switch of
 * the language show the same, and a second form that is refused elsewhere does not get in its way.
 */
export async function redirectToForm(
  game: Keeper,
  req: Request,
  res: Response,
  page: string,
  form: RefusedForm,
): Promise<void> {
  res.redirect(303, withForm(page, await keep(game, req, 'form', form)))
}

export function withForm(page: string, id: string): string {
  const [address = '', anchor] = page.split('#')
  return `${address}${address.includes('?') ? '&' : '?'}form=${id}${anchor === undefined ? '' : `#${anchor}`}`
}

/** The form that the address names, where it is still kept for this session. */
export async function refusedForm(game: Keeper, req: Request): Promise<RefusedForm | undefined> {
  const { form } = req.query
  if (typeof form !== 'string') return undefined
  return (await kept(game, req, 'form')).find(({ id }) => id === form)
}

/** After a log-in the session is another one: takes the form along that the address names. */
export async function carryForm(
  game: Keeper,
  req: Request,
  address: string,
  typed: readonly Kept<'form'>[],
): Promise<string> {
  const form = typed.find(({ id }) => address.includes(`form=${id}`))
  if (!form) return address
  const { name, status, state } = form
  return address.replace(form.id, await keep(game, req, 'form', { name, status, state }))
}

/** Its state for the form of that name; of all others an empty one. */
export function stateOf(refused: RefusedForm | undefined, name: string): FormState {
  return refused?.name === name ? refused.state : emptyForm
}

/** The status under which a page shows that one of its forms was refused. */
export function statusOf(refused: RefusedForm | undefined): number {
  return refused?.status ?? 200
}
