/** Our side could not look (timeout, refused credential, 5xx): retried, shown as ours, never held against the player. */
export class Inconclusive extends Error {
  override name = 'Inconclusive'
}

/** What the player made is too large or malformed: a finding, told to the player, so that it comes in French too. */
export class PlayerFault extends Error {
  override name = 'PlayerFault'
  constructor(
    message?: string,
    readonly french?: string,
  ) {
    super(message)
  }
}

/** More bytes, entries or time than the caller allowed for hostile content. */
export class TooLarge extends PlayerFault {
  override name = 'TooLarge'
}

/** An operator's mistake that one line explains (a port in use, an old git); the CLI prints the message alone. */
export class Fault extends Error {
  override name = 'Fault'
}

/** What a request got wrong; `code` is stable for scripts and selects the translated page text. */
export class Refusal extends Error {
  override name = 'Refusal'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message)
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** `ENOENT` of the system, `28P01` of PostgreSQL, …; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
