import type { Request, Response } from 'express'
import type { z, ZodObject, ZodType } from 'zod'
import type { Language } from '../../core/text.ts'
import type { WebDeps } from '../deps.ts'
import type { Guesses } from '../middleware/guesses.ts'
import type { Limits } from '../middleware/limits.ts'

/** One request, read and checked. */
export interface ApiCall<Params, Query, Body> extends WebDeps {
  req: Request
  res: Response
  params: Params
  query: Query
  body: Body
  /** `?lang=` where the route has it, else the member's, else what the client asks for. */
  language: Language
  origin: string
  guesses: Guesses
  /** Aborts when the client goes away. */
  signal: AbortSignal
}

export interface ApiAnswer {
  status: number
  body?: unknown
  headers?: Readonly<Record<string, string>>
}

export interface Described {
  about: string
  schema?: ZodType
  /** `application/json` when not said. */
  type?: string
}

/**
 * One call of the API: what parses its requests, answers them and describes them. `public`: open to every origin and
 * without credentials; `anyone`: the same with credentials where given; `member`: who is logged in; `player`: who plays.
 */
export interface Route<
  Params extends ZodObject = ZodObject,
  Query extends ZodObject = ZodObject,
  Body extends ZodType = ZodType,
> {
  method: 'get' | 'post' | 'delete'
  /** As OpenAPI writes it, such as `/challenges/{id}`. */
  path: string
  /** `operationId` */
  id: string
  about: string
  access: 'public' | 'anyone' | 'member' | 'player'
  limit?: keyof Limits
  params?: Params
  query?: Query
  body?: Body
  /** Headers that it reads, for the document. */
  headers?: ZodObject
  answers: Readonly<Record<number, Described>>
  /** Statuses that it refuses with, beside those that every call has. */
  refusals?: readonly number[]
  /** null: it has answered by itself. */
  handle(
    call: ApiCall<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<ApiAnswer | null> | ApiAnswer | null
}

/** Lets the handler see the types of what its schemas read. */
export function route<
  Params extends ZodObject = ZodObject,
  Query extends ZodObject = ZodObject,
  Body extends ZodType = ZodType,
>(given: Route<Params, Query, Body>): Route {
  return given
}

/** The player who asks. The way here leads through `authenticate`, which lets nobody else in. */
export function playerOf(req: Request) {
  const { user } = req
  if (!user?.playerId || user.slug === null || user.playerName === null)
    throw new Error('a route of players was reached by another')
  const { playerId, slug, playerName, name } = user
  return { playerId, slug, playerName, name, memberId: user.id }
}
