import type { RepositoryReader } from '../../board/forge/types.ts'

const maxBytes = 1024 * 1024
const kinds = [
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
] as const

/** Which kind of signature the commit carries, or null; whose it is would need the keys of its author. */
export async function readSignature(reader: RepositoryReader, commit: string): Promise<string | null> {
  const object = (await reader.contents(commit, maxBytes))?.toString('latin1') ?? ''
  const header = object.slice(0, Math.max(0, object.indexOf('\n\n')))
  const signature = /^gpgsig(?:-sha256)? (.*)$/m.exec(header)?.[1]
  if (signature === undefined) return null
  return kinds.find(([begin]) => signature.startsWith(begin))?.[1] ?? 'unknown'
}
