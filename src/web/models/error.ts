import type { StageRef } from './shell.ts'

/** Any error. `code` is a key of `refusal` in the locales; where it has no text there, `detail`, else the status speaks. */
export interface ErrorPage {
  status: number
  code: string
  detail: string | null
  /** What the text of the code names. */
  values: Readonly<Record<string, unknown>>
  requestId: string
  /** Seconds. */
  retryAfter: number | null
  /** For `locked`: what has to be solved first. */
  missing: readonly StageRef[]
  /** For `form-expired`: the page that holds the form, a path. */
  back: string | null
}
