import { randomBytes } from 'node:crypto'
import { deriveKey } from '../lib/secrets.ts'

/** Whose a namespace is: two servers may run the same hunt on one cluster, a rehearsal and the event. */
export interface Owner {
  /** Id of the hunt, a label value. */
  hunt: string
  /** Which server runs it: 12 hexadecimal digits. */
  server: string
}

/** The owner as labels tell it. One without a server comes from a version that wrote none: whoever runs that hunt owns it. */
export function isOwnedBy(
  { hunt, server }: Owner,
  labelled: { hunt: string | null; server: string | null },
): boolean {
  return labelled.hunt === hunt && (labelled.server === null || labelled.server === server)
}

/** What a server with this secret is called until its database knows it by a name. */
export function serverIdOf(secret: string): string {
  return deriveKey(secret, 'server').toString('hex').slice(0, 12)
}

/** A hunt's id for one proof: its namespaces are not those of the hunt, which may be running on the same cluster. */
export function newProofId(): string {
  return `proof-${randomBytes(4).toString('hex')}`
}

export function isProofId(hunt: string): boolean {
  return /^proof-[0-9a-f]{8}$/.test(hunt)
}
