import type { Readable } from 'node:stream'

/** A manifest or an index as the registry gave it; the bytes hash to the digest. */
export interface RawManifest {
  /** Such as `sha256:…`. */
  digest: string
  /** The answer's `Content-Type`, without parameters. */
  contentType: string
  bytes: Buffer
}

/** Some of a repository's tags, in the registry's order. */
export interface TagList {
  tags: string[]
  /** There are more than the bounds allow. */
  truncated: boolean
}

/**
 * Reads the images of one player with the master's eyes. `repository` is a name below the player's path, such as `scroll` for
 * `registry.example.org/tara/scroll`. Everything in it is hostile: calls are bounded in bytes and time, no redirect leads to a
 * place that the registry's operator did not name, and what does not hash to its digest is a `PlayerFault`.
 * Throws `Inconclusive` for whatever is our side's fault (timeouts, refused credentials, 5xx).
 */
export interface ImageReader {
  /** Host (and port) of the registry as clients and nodes name it. */
  readonly host: string
  /** The player's path, such as `tara`. */
  readonly path: string
  /** By tag or digest; null where there is none. At most 4 MiB. */
  manifest(repository: string, reference: string, signal: AbortSignal): Promise<RawManifest | null>
  /** A whole blob; null where there is none. */
  blob(repository: string, digest: string, maxBytes: number, signal: AbortSignal): Promise<Buffer | null>
  /** A blob as a stream, which fails at its end where the bytes do not hash to the digest. */
  openBlob(repository: string, digest: string, signal: AbortSignal): Promise<Readable | null>
  tags(repository: string, signal: AbortSignal): Promise<TagList>
  /** Manifests that name this one as their subject, as an OCI index; null where there are none. */
  referrers(repository: string, digest: string, signal: AbortSignal): Promise<RawManifest | null>
  /** Repositories below the player's path. */
  repositories(signal: AbortSignal): Promise<string[]>
}

/** A registry of images and charts, whose tokens the master issues. */
export interface Registry {
  /** Host (and port) as clients and nodes name it. */
  readonly host: string
  images(slug: string): ImageReader
  /** Deletes a manifest with all its tags. False where there was none. */
  remove(slug: string, repository: string, digest: string): Promise<boolean>
  /** Whether it answers and takes our tokens; throws `Inconclusive` otherwise. */
  check(): Promise<void>
  close(): void
}
