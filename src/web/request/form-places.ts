/** Where a form stands, by the address that it posts to. */
export interface FormPlace {
  /** The page that shows it. */
  page: string
  /** Its name there, where the page can show why it came back. */
  name?: string
  /** Its fields that may be shown again: what was typed, never a password or an answer. */
  keeps?: readonly string[]
  /** A form by which one gets in: whoever is in already needs it no more. */
  entry?: true
}

type Rule = Omit<FormPlace, 'page'> & { at: RegExp; page: string | ((found: RegExpExecArray) => string) }

const itself = ([path]: RegExpExecArray) => path

const rules: readonly Rule[] = [
  { at: /^\/login$/, page: '/login', name: 'login', keeps: ['name', 'next'], entry: true },
  { at: /^\/join$/, page: '/join', name: 'join', keeps: ['name', 'email', 'code', 'language'], entry: true },
  { at: /^\/reset\/[^/]+$/, page: itself, name: 'reset', entry: true },
  { at: /^\/organizer\/[^/]+$/, page: itself },
  { at: /^\/(logout|language)$/, page: '/' },
  { at: /^\/kept\/[^/]+\/forget$/, page: '/map' },
  { at: /^\/hunt\/([^/]+)\/(check|reset|hints\/[^/]+)$/, page: ([, id]) => `/hunt/${id ?? ''}` },
  { at: /^\/workspace\/(renew|reset|images\/delete)$/, page: '/workspace' },
  { at: /^\/me\/name$/, page: '/me', name: 'name', keeps: ['name'] },
  { at: /^\/me\/tokens$/, page: '/me', name: 'token', keeps: ['name'] },
  { at: /^\/me\/password$/, page: '/me', name: 'password' },
  { at: /^\/me\/leave$/, page: '/me', name: 'leave' },
  { at: /^\/me\/(language|tokens\/[^/]+\/revoke)$/, page: '/me' },
  { at: /^\/desk\/window$/, page: '/desk', name: 'window', keeps: ['start', 'end', 'freeze'] },
  { at: /^\/desk\/announcement$/, page: '/desk', name: 'announcement', keeps: ['en', 'fr'] },
  { at: /^\/desk\/workspaces\/[^/]+\/repair$/, page: '/desk/workspaces' },
  { at: /^\/desk\/workspaces\/[^/]+\/reset$/, page: itself },
  { at: /^\/desk\/(freeze\/lift|pause|registration|announcement\/withdraw)$/, page: '/desk' },
  { at: /^\/desk\/players\/[^/]+\/(link|hide|restore)$/, page: '/desk#players' },
]

/** undefined for what is no form's address. */
export function placeOfForm(path: string): FormPlace | undefined {
  for (const { at, page, ...place } of rules) {
    const found = at.exec(path)
    if (found) return { ...place, page: typeof page === 'string' ? page : page(found) }
  }
  return undefined
}
