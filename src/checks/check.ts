import type { ZodType } from 'zod'
import type { PlayerCluster } from '../board/cluster/types.ts'
import type { ImageReader } from '../board/registry/types.ts'
import type { RepositoryReader, Snapshot } from '../board/forge/types.ts'
import type { Localized } from '../core/text.ts'
import type { Evidence } from '../core/verdict.ts'
import type { Log } from '../lib/log.ts'
import type { BoardPart } from '../core/board-parts.ts'

export type Params = Readonly<Record<string, string | number>>

/** What a check sees of each part of the board: this player's things, for reading alone. */
export interface BoardReaders extends Record<BoardPart, unknown> {
  /** Repositories by their names. */
  forge: { reader(name: string): RepositoryReader }
  registry: ImageReader
  cluster: PlayerCluster
  pipelines: never
}

/** A check's whole world, scoped to one player and one submission. */
export interface CheckContext {
  player: { slug: string; name: string }
  board: { readonly [Part in BoardPart]?: BoardReaders[Part] }
  /** The challenge's repository, null where it has none. */
  repository: string | null
  /** The refs of a repository as they were when the submission was received. */
  snapshot(repository: string): Promise<Snapshot>
  /** What an `answer` challenge was sent. */
  answer: string | undefined
  params: Params
  /** Aborts at the check's deadline; I/O must obey it. */
  signal: AbortSignal
  log: Log
  /** One result per key within a submission, so that two checks on one commit read it once. */
  memo<T>(key: string, make: () => Promise<T>): Promise<T>
}

export interface Looked<Facts> {
  facts: Facts
  evidence: Evidence[]
  /**
   * What somebody made of what was seen, as JSON can hold it: it stays the same while only a status moves or an answer tells the hour.
   * Where it is left out, the revisions of the evidence.
   */
  made?: unknown
}

/** Neither failed nor passed: still going. The submission waits and looks again after `again` seconds. */
export interface Pending<Facts> extends Looked<Facts> {
  pending: true
  why: Localized
  again: number
}

export type Look<Facts> = Looked<Facts> | Pending<Facts>

/** One kind of check = one file in `src/checks/`, which exports it as `check`. */
export interface CheckKind<Spec, Facts> {
  /** The file's name; unique. */
  kind: string
  /** What challenge.yaml may say of the artefact. Strings may hold templates such as `{{params.key}}`; they are rendered before `look`. */
  spec: ZodType<Spec>
  /** What `look` returns: documentation, and the types that `lint` checks every expression against. */
  facts: ZodType<Facts>
  needs: readonly BoardPart[]
  /**
   * The only I/O. Absence is a fact (`found: false`); inability is thrown as `Inconclusive`;
   * what is too large or malformed because the player wrote it so is thrown as `PlayerFault`.
   */
  look(spec: Spec, context: CheckContext): Promise<Look<Facts>>
  /**
   * Where the artefact is of another sort than the kind is for: what it is. Told instead of the expectations that fail of it, which
   * speak of what it should be.
   */
  mistaken?(facts: Facts): Localized | null
}

/** Every kind of check by its name. */
export type CheckKinds = ReadonlyMap<string, CheckKind<unknown, unknown>>
