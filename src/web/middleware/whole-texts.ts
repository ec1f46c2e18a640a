import type { Request, RequestHandler } from 'express'
import { Refusal } from '../../lib/errors.ts'
import { isWhole } from '../../lib/whole-text.ts'

/** What follows takes an address for a path; `*` and names of hosts, which HTTP has for other methods, lead nowhere here. */
export function plainAddresses(): RequestHandler {
  return (req, res, next) => {
    if (/^(\/|https?:\/\/)/i.test(req.url)) next()
    else res.sendStatus(400)
  }
}

/** For pages and forms: refuses, before any of them reads it, an address or a field with what no text has. The API’s schemas do so for theirs. */
export function wholeTexts(): RequestHandler {
  return (req, _res, next) => {
    if (!isWhole(pathOf(req)) || brokenField(req.query) !== undefined) throw brokenAddress()
    const field = brokenField(req.body)
    if (field !== undefined)
      throw new Refusal(
        422,
        'text-broken',
        `“${field}” holds U+0000, a character that cannot be kept. Type it anew.`,
        { field },
      )
    next()
  }
}

function pathOf({ path }: Request): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw brokenAddress()
  }
}

function brokenAddress(): Refusal {
  return new Refusal(
    400,
    'address-broken',
    'This address is broken: it holds a sign that no address has. Perhaps it was not copied in full.',
  )
}

/** The name of the first field that holds such a text, itself made whole; fields may come several times. */
function brokenField(fields: unknown): string | undefined {
  for (const [name, value] of Object.entries((fields ?? {}) as Record<string, unknown>))
    if (![name, value].flat().every((text) => typeof text !== 'string' || isWhole(text)))
      return name.replace(/[\p{C}]/gu, '').slice(0, 60)
  return undefined
}
