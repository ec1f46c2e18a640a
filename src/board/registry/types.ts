import type { Readable } from 'node:stream'
import type { BuiltImage } from '../../core/starter-images.ts'

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
  /** The images that the hunt hands out to everybody, under `hunt/`. */
  hunt(): ImageReader
}

/** One thing that a token opens, as Distribution reads it. */
export interface Access {
  /** `repository` or `registry`. */
  type: string
  name: string
  actions: string[]
}

/** Who asks for a token: a player, the pull Secret of a player's namespaces, or this server. */
export type Caller = { kind: 'player' | 'robot'; slug: string } | { kind: 'master' }

/** A right that a player asked for and did not get; clients hide it, so that the page must tell. */
export interface Withheld {
  repository: string
  /** `path`: it is not the player's. `storage`: the budget is used up. */
  why: 'path' | 'storage'
}

export interface IssuedToken {
  token: string
  /** Seconds. */
  expiresIn: number
  issuedAt: Date
  /** What of the scopes was granted; nothing of it is no error. */
  access: Access[]
  withheld: Withheld[]
}

/** Issues the tokens that the registry takes. */
export interface TokenIssuer {
  /** What clients name as `service`. */
  readonly service: string
  /** A token for what of the scopes the caller may. `full`: the player's storage is used up. */
  issue(caller: Caller, scopes: readonly string[], options?: { full?: boolean }): Promise<IssuedToken>
  /** The password of the pull Secret in a player's namespaces. */
  robotPassword(slug: string): string
}

/** What a folder in the OCI image layout became. */
export interface Loaded {
  /** Such as `hunt/busybox:1.36`. */
  name: string
  digest: string
  /** Blobs that were not there yet. */
  uploaded: number
}

/** Where a registry runs, as its own machine sees it. */
export interface RegistryPlacing {
  /** Folder of the files beside its configuration. */
  folder: string
  /** Folder of its data. */
  storage: string
  /** Such as `:5000`. */
  listen: string
  /** Where clients get tokens, such as `https://hunt.example.org/registry/token`. */
  realm: string
  /** Where it tells what was pushed, and the bearer's token for it. */
  hook: { url: string; key: string }
}

export interface ConfigurationFile {
  name: string
  content: string
  /** Only the registry may read it. */
  secret: boolean
}

/** One part of the registry as `board check` tells it. */
export interface RegistryFinding {
  part: string
  level: 'ok' | 'warning' | 'fault'
  message: string
}

/** A registry of images and charts, whose tokens the master issues. */
export interface Registry {
  /** Host (and port) as clients and nodes name it. */
  readonly host: string
  /** They reach it without TLS. */
  readonly plainHttp: boolean
  readonly tokens: TokenIssuer
  images(slug: string): ImageReader
  /** Full names of all repositories, such as `tara/scroll`; at most 20 000. */
  repositories(signal: AbortSignal): Promise<string[]>
  /** Bytes of a blob as the registry holds it, whatever a manifest says; null where there is none. */
  blobSize(slug: string, repository: string, digest: string, signal: AbortSignal): Promise<number | null>
  /** Deletes a manifest with all its tags. False where there was none. */
  remove(slug: string, repository: string, digest: string): Promise<boolean>
  /** Pushes a folder in the OCI image layout as `hunt/<name>`, one for each tag in it. `Fault` where it cannot be read. */
  load(folder: string, name: string): Promise<Loaded[]>
  /** Pushes an image below a player's path; its digest. `Fault` where its base is not under `hunt/`. */
  lay(slug: string, image: BuiltImage): Promise<string>
  /** Copies what one player's tag or digest names, with all its parts, below another's path. False where it names nothing. */
  copy(from: string, to: string, repository: string, reference: string): Promise<boolean>
  /** What it needs to take our tokens. `renew`: with one more key, which signs after the next start. */
  configuration(placing: RegistryPlacing, options?: { renew?: boolean }): ConfigurationFile[]
  /** Takes its turn as any call does. Throws `Inconclusive` where it does not answer, or takes no token of ours. */
  ping(signal: AbortSignal): Promise<void>
  /** What works and what does not, as `board check` tells it; `realm`: where clients should be sent for tokens, where that is known. */
  check(realm?: string): Promise<RegistryFinding[]>
  /** Pushes bytes that no manifest names, and deletes them after `work`. Throws `Inconclusive` where either cannot be done. */
  withBlob<T>(repository: string, content: Buffer, work: () => Promise<T>): Promise<T>
  close(): void
}
