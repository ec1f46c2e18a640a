import type { Request, Response } from 'express'
import { cookieNamesOf } from './cookies.ts'
import { languages, type Language } from '../../core/text.ts'

/** What was chosen last in this browser, else the member's setting, else what the browser asks for. */
export function languageOf(req: Request, offered: readonly Language[]): Language {
  const chosen = (req.cookies as Record<string, unknown> | undefined)?.[cookieNamesOf(req).language]
  const known =
    offered.find((language) => language === chosen) ??
    offered.find((language) => language === req.user?.language)
  if (known) return known
  const accepted = req.acceptsLanguages([...offered])
  return offered.find((language) => language === accepted) ?? offered[0] ?? languages[0]
}

/** The choice of this browser, for a year; pages read it before any log-in is looked up. */
export function rememberLanguage(res: Response, language: Language): void {
  res.cookie(cookieNamesOf(res).language, language, {
    maxAge: 365 * 24 * 3_600_000,
    sameSite: 'lax',
    httpOnly: true,
  })
}
