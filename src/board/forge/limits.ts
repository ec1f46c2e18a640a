/** Bounds on what players may send and hold. */
export interface ForgeLimits {
  /** Refs that one push may move. */
  refsPerPush: number
  /** Refs that a repository may have. */
  refs: number
  /** Bytes of one push, as they come over the wire. */
  pushBytes: number
  /** Objects in one push. */
  objects: number
  /** Bytes that one push may unpack to. */
  unpackedBytes: number
  blobBytes: number
  /** Disk space of one repository. */
  quotaBytes: number
  cpuSeconds: number
  memoryBytes: number
  /** For Git alone: it begins anew whenever bytes went to the client. */
  wallSeconds: number
  /** A client that sends nothing for so long is given up. */
  idleSeconds: number
  /** Bytes a second: a client that is slower than this in the long run is given up too. */
  slowestLink: number
  /** Git processes at the same time for one player; further requests wait. */
  perPlayer: number
  /** Requests of one player that may wait for their turn. */
  waiting: number
}

const MiB = 2 ** 20

/** How long a link may have taken for so many bytes. */
export function longestMs(
  { wallSeconds, idleSeconds, slowestLink }: Pick<ForgeLimits, 'wallSeconds' | 'idleSeconds' | 'slowestLink'>,
  bytes: number,
): number {
  return (wallSeconds + idleSeconds + bytes / slowestLink) * 1000
}

export const defaultLimits: ForgeLimits = {
  refsPerPush: 200,
  refs: 1000,
  pushBytes: 20 * MiB,
  objects: 20_000,
  unpackedBytes: 200 * MiB,
  blobBytes: 10 * MiB,
  quotaBytes: 100 * MiB,
  cpuSeconds: 30,
  memoryBytes: 1500 * MiB,
  wallSeconds: 120,
  idleSeconds: 30,
  slowestLink: 2048,
  perPlayer: 4,
  waiting: 32,
}
