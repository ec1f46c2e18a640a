import type { Request } from 'express'
import type { MemberRow } from '../db/members.ts'

/** Logs a member in; the session gets a new id, and everything of the old one is gone. */
export async function logIn(req: Request, member: MemberRow): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.logIn(member, (error: unknown) => (error ? reject(error as Error) : resolve()))
  })
}

export async function logOut(req: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.logOut((error: unknown) => (error ? reject(error as Error) : resolve()))
  })
}
