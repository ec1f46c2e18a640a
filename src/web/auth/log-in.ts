import type { Request } from 'express'
import type { MemberRow } from '../../db/members.ts'

/** Logs a member in; the session gets a new id, and everything of the old one is gone. */
export async function logIn(req: Request, member: MemberRow): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.logIn(member, (error: unknown) => settle(error, resolve, reject))
  })
}

export async function logOut(req: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.logOut((error: unknown) => settle(error, resolve, reject))
  })
}

function settle(error: unknown, resolve: () => void, reject: (error: Error) => void): void {
  if (!error) resolve()
  else
    reject(error instanceof Error ? error : new Error('the session could not be changed', { cause: error }))
}
