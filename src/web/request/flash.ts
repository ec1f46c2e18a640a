import type { Request, Response } from 'express'
import type { Shell } from '../models/shell.ts'

/** Leads to another page, which shows this line. */
export async function redirectWith(
  req: Request,
  res: Response,
  path: string,
  flash: NonNullable<Shell['flash']>,
): Promise<void> {
  req.session.flash = flash
  await saveSession(req)
  res.redirect(303, path)
}

/** Before an answer that leads elsewhere: a browser follows it on its head, and would otherwise be faster than the database. */
export async function saveSession(req: Request): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    req.session.save((error: unknown) => (error instanceof Error ? reject(error) : resolve())),
  )
}
