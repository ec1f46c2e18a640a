import { z } from 'zod'
import type { Challenge } from './challenge.ts'
import { languages, localized } from './text.ts'

/** Who may register: everybody, who has the code, or nobody. */
export const registrations = ['open', 'code', 'closed'] as const
export type Registration = (typeof registrations)[number]

const time = z.iso.datetime({ offset: true })

/** `challenges/hunt.yaml`: the one source of the window; the desk's overrides live in the database. */
export const huntFile = z.strictObject({
  /** Tells the namespaces of this hunt from those of others on the same cluster. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens, such as abhra-shambhala')
    .max(40)
    .default('hunt'),
  name: localized,
  teaser: localized,
  languages: z.array(z.enum(languages)).min(1).default(['en', 'fr']),
  /** IANA name; pages show times in it. */
  timezone: z.string().refine(isTimeZone, 'an IANA time zone, such as Europe/Paris').default('UTC'),
  start: time.optional(),
  end: time.optional(),
  /** From here on the public leaderboard stands still, until the organizers lift the freeze. */
  freeze: time.optional(),
  /** `open` when not said; with a cluster `code`, since pods are worth stealing. */
  registration: z.enum(registrations).optional(),
  /** What stands before the names of images that the hunt provides; `<host>/hunt/` of the board's registry when not said. */
  images: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._:/-]*\/$/,
      'a prefix that ends with a slash, such as registry.example.org/hunt/',
    )
    .max(200)
    .optional(),
  /** What each player gets where the board has a cluster. */
  workspace: z
    .strictObject({
      /** One of the budgets of board.yaml. */
      budget: z.string().min(1).max(40).default('default'),
      /** More namespaces for each player, such as staging and production. */
      environments: z
        .array(z.string().regex(/^[a-z][a-z0-9]{0,19}$/, 'a lower-case word, such as staging'))
        .max(4)
        .default([]),
    })
    .default({ budget: 'default', environments: [] }),
})
export type HuntFile = z.infer<typeof huntFile>

/** The ordered set of challenges that one server runs. */
export interface Hunt extends HuntFile {
  challenges: readonly Challenge[]
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
