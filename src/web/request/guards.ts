import type { RequestHandler } from 'express'
import type { MemberRow } from '../../db/members.ts'
import type { NamedPlayer } from '../../core/player.ts'
import { Refusal } from '../../lib/errors.ts'

export type PlayingMember = MemberRow & NamedPlayer

/** Sends visitors to the log-in, and back here afterwards. */
export const mustBeMember: RequestHandler = (req, res, next) => {
  if (req.user) {
    next()
    return
  }
  if (reads(req)) {
    res.redirect(303, loginPath(req.originalUrl))
    return
  }
  next(new Refusal(401, 'log-in', 'Log in first.'))
}

/** An organizer who does not play has no map: the desk is their place. */
export const mustPlay: RequestHandler = (req, res, next) => {
  if (!req.user) return mustBeMember(req, res, next)
  if (req.user.playerId) {
    next()
    return
  }
  if (reads(req)) {
    res.redirect(303, '/desk')
    return
  }
  next(new Refusal(403, 'not-playing', 'This account does not play.'))
}

export const mustOrganize: RequestHandler = (req, res, next) => {
  if (!req.user) return mustBeMember(req, res, next)
  if (req.user.role === 'organizer') {
    next()
    return
  }
  next(new Refusal(403, 'organizers-only', 'This page is the organizers’.'))
}

/** HEAD is answered as GET is. */
function reads({ method }: Parameters<RequestHandler>[0]): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** The log-in, which leads there afterwards. */
export function loginPath(next: string): string {
  return next === '' ? '/login' : `/login?next=${encodeURIComponent(next)}`
}

/** The member behind `mustBeMember`. */
export function memberOf(req: Parameters<RequestHandler>[0]): MemberRow {
  if (!req.user) throw new Refusal(401, 'log-in', 'Log in first.')
  return req.user
}

/** The member behind `mustPlay`. */
export function playerOf(req: Parameters<RequestHandler>[0]): PlayingMember {
  const member = memberOf(req)
  const { playerId, slug, playerName } = member
  if (playerId === null || slug === null || playerName === null)
    throw new Refusal(403, 'not-playing', 'This account does not play.')
  return { ...member, playerId, slug, playerName }
}

/** A path on this server, never another's address. */
export function ownPath(text: unknown, fallback: string): string {
  if (typeof text !== 'string' || !/^\/(?![/\\])/.test(text) || text.length > 500) return fallback
  return text
}
