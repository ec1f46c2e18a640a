import type { Language } from '../../core/text.ts'
import type { Phase } from '../../core/window.ts'

// The models of this folder are what routes hand to templates; this file is what all of them need. Every text is already in
// the reader's language; templates add only their own words. Every form posts `_csrf`; the names of its other fields stand
// beside the model of its page.

/** A moment: RFC 3339 or a Date. Pages show it in the hunt's zone. */
export type Moment = Date | string

/** Who reads: nobody in particular (a page that is kept and served to all), one who is not logged in, or a member. */
export type Reader = 'anyone' | 'visitor' | Member

export interface Member {
  name: string
  /** null for an organizer who does not play. */
  slug: string | null
  organizer: boolean
}

export interface HuntClock {
  phase: Phase
  start: Moment | null
  end: Moment | null
  freeze: Moment | null
  frozen: boolean
  paused: boolean
  /** IANA name. */
  timezone: string
}

/** What the frame around every page needs. `POST /language` {language, back}, `POST /logout`. */
export interface Shell {
  huntName: string
  language: Language
  languages: readonly Language[]
  now: Moment
  clock: HuntClock
  reader: Reader
  /** Empty on pages that are kept and served to all. */
  csrf: string
  /** Path with query of this page: where the language switch comes back to, and what the navigation marks as current. */
  path: string
  announcement: Announcement | null
  /** Id of the newest event that everything on the page includes: a stream that begins there misses nothing. */
  since: string
  /** As the stream tells it, in JSON; the page compares. */
  hunt: string
  /** A line for the page that follows a redirect. `code` is a key of `flash` in the locales. */
  flash: { kind: 'success' | 'error' | 'info'; code: string; values?: Record<string, string | number> } | null
}

export interface Announcement {
  id: string
  text: string
  at: Moment
}

/** A secret that is shown until then, or until `POST /kept/:id/forget` {back}. */
export interface ShownOnce {
  id: string
  text: string
  until: Moment
}

/** Why a form came back: codes of refusals (keys of `refusal` in the locales, else `text` is shown) by field; `form` for the whole. */
export type FormErrors = Readonly<
  Record<string, { code: string; text?: string; values?: Readonly<Record<string, unknown>> }>
>

export interface FormState {
  /** What was typed, never a password. */
  values: Readonly<Record<string, string>>
  errors: FormErrors
}

export interface StageRef {
  id: string
  order: number
  title: string
}
