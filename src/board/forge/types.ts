import type { Snapshot } from '../../core/snapshot.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Language } from '../../core/text.ts'
import type { StarterHistory } from '../../core/history.ts'

export type { Snapshot }

/** Whose repository, and which of theirs. Both parts are validated identifiers, never free text. */
export interface RepositoryRef {
  slug: string
  name: string
}

/** What Git asks a player for. */
export interface GitLogin {
  username: string
  /** What to give for it, in words. */
  password: 'your token'
}

/** How a player's tools reach one of their repositories. */
export interface RepositoryAccess extends GitLogin {
  url: string
  /** The same with the user's name in it, so that Git asks for the password alone. */
  cloneUrl: string
}

export interface RefUpdate {
  ref: string
  /** Forty zeros where the ref is new. */
  before: string
  /** Forty zeros where the ref was deleted. */
  after: string
}

export interface ObjectInfo {
  oid: string
  type: 'commit' | 'tree' | 'blob' | 'tag'
  size: number
}

export interface GitOptions {
  /** What the command reads from its standard input; never empty. */
  input?: string | Buffer
  /** 16 MiB when not said. */
  maxBytes?: number
  /** An empty folder of the caller's that holds the command's index and serves as its work tree. */
  scratch?: string
  /** Exit codes that are answers; 0 alone when not said. */
  codes?: readonly number[]
}

/**
 * Reads one player's repository. The content is hostile: every call is bounded in bytes and time, nothing is checked out,
 * neither system nor user nor repository configuration is trusted. Errors that are ours are thrown as `Inconclusive`.
 */
export interface RepositoryReader {
  snapshot(): Promise<Snapshot>
  /** The refs as the starter left them. */
  starter(): Promise<Snapshot>
  /** Runs a reading git command, such as `log` or `ls-tree`. Output over `maxBytes` throws `TooLarge`. */
  git(args: readonly string[], options?: GitOptions): Promise<Buffer>
  /** Types and sizes; null for what is not there. Takes what `git rev-parse` takes, such as `<sha>:<path>`; no newline allowed. */
  info(objects: readonly string[]): Promise<(ObjectInfo | null)[]>
  /** An object's content, by its id; null when it is not there. Asks for the size first; more than `maxBytes` throws `TooLarge`. */
  contents(oid: string, maxBytes: number): Promise<Buffer | null>
  close(): void
}

/** Who speaks Git to us: what `authenticate` made of the Basic credentials. */
export interface GitUser {
  memberId: string
  playerId: string
  slug: string
  /** In which they read what a push is answered. */
  language: Language
}

export interface Push {
  user: GitUser
  repository: RepositoryRef
  /** When the whole request had come in. */
  receivedAt: Date
  updates: readonly RefUpdate[]
  /** The refs right after the push. */
  snapshot: Snapshot
  /** `git push -o …`, bounded. */
  options: readonly string[]
}

/** What the game answers to the forge's HTTP side. */
export interface PushReceiver {
  /** null: no such credentials, 401. */
  authenticate(username: string, password: string, address: string): Promise<GitUser | null>
  /** Of one's own alone is asked. false: not there, or not yet, 404. */
  allowed(user: GitUser, repository: RepositoryRef): Promise<boolean>
  /** Before receive-pack starts; a `refuse` text, in the user's language, reaches the pusher and nothing is written. The ticket comes back in `pushed`. */
  pushing(
    user: GitUser,
    repository: RepositoryRef,
    before: Snapshot,
  ): Promise<{ ticket: string } | { refuse: string }>
  /** After refs moved, whether or not the client is still there. Lines, in the user's language and without line ends, go to the terminal as they come; ASCII only is the forge's business. */
  pushed(ticket: string, push: Push): AsyncIterable<string>
  /** The push moved no ref (rejected, aborted, up to date). */
  unmoved(ticket: string): Promise<void>
}

/** Of pinned commits that nothing else reaches any more: which may go. */
export type TidyPlan = (unreached: readonly string[]) => Promise<{
  go: readonly string[]
  /** Objects that somebody is still to look at, whether or not anything reaches them. */
  hold: readonly string[]
}>

/** A Git host. Every verb is idempotent; `Inconclusive` when the host cannot be reached. */
export interface Forge {
  /** The same for all repositories of a player. */
  login(slug: string): GitLogin
  /** Whether or not it is there yet. `origin`: the address by which the player reached this server. */
  access(repository: RepositoryRef, origin: string): RepositoryAccess
  has(repository: RepositoryRef): Promise<boolean>
  /** Creates the repository with its starter unless it is there; a half-made one is never seen. */
  ensure(repository: RepositoryRef, starter: () => Promise<StarterHistory | null>): Promise<void>
  /** Throws away what the player made and lays the starter again. Pinned evidence stays readable. */
  reset(repository: RepositoryRef, starter: () => Promise<StarterHistory | null>): Promise<void>
  /** Removes all repositories of a player; what is being laid for them meanwhile is not laid. What is in the way throws. */
  remove(slug: string): Promise<void>
  /** Slugs of all who have a repository here. */
  owners(): Promise<string[]>
  reader(repository: RepositoryRef): RepositoryReader
  /** Whether it takes something in now. Throws `Inconclusive` that says what is in the way. */
  ping(): Promise<void>
  /** Keeps objects reachable under hidden refs, whatever the player rewrites. */
  pin(repository: RepositoryRef, oids: readonly string[]): Promise<void>
  /** Gives back the room of what nothing reaches any more, once it is ten minutes old. A small repository is left as it is. `more`: a later time may free more. */
  tidy(repository: RepositoryRef, plan: TidyPlan): Promise<{ more: boolean }>
  /** All refs as a Git bundle, or null for a repository without commits. */
  bundle(repository: RepositoryRef): Promise<Readable | null>
  /** Serves Git's smart HTTP below `/git`; absent where the host serves it by itself. */
  serve?(receiver: PushReceiver): (req: IncomingMessage, res: ServerResponse) => void
  close(): Promise<void>
}

/** Whole repositories, hidden refs included, for backup and restore. What is restored is staged, then placed at once. */
export interface RepositoryArchive {
  isEmpty(): Promise<boolean>
  /** null where the repository is gone. */
  refs(repository: RepositoryRef): Promise<Snapshot | null>
  /** Everything that the refs lead to, as a Git pack. There must be a ref. */
  pack(repository: RepositoryRef, refs: Snapshot): AsyncIterable<Buffer>
  /** Throws a `Fault` where refs and pack do not fit each other. No pack where there is no ref. */
  stage(repository: RepositoryRef, refs: Snapshot, pack: AsyncIterable<Buffer> | null): Promise<void>
  /** Puts what was staged where repositories live, which must be empty. */
  place(): Promise<void>
  /** Takes back what this staged or placed. */
  discard(): Promise<void>
}
