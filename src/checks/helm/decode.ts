import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PlayerFault, TooLarge } from '../../lib/errors.ts'

/** Bytes that one revision may unpack to; Helm itself has no bound. */
export const mostUnpacked = 16 * 2 ** 20

const unpack = promisify(gunzip)
const gzipStart = Buffer.from([0x1f, 0x8b, 0x08])

/** The content of one stored revision, as Helm's drivers write it, and the object that it was read from. */
export interface Blob {
  /** Name of the Secret or ConfigMap, for messages. */
  object: string
  /** `data.release`; a Secret's is encoded once more. */
  data: string | undefined
  secret: boolean
}

/** The JSON object of a revision, and how many bytes it has. What Helm could not have written is a `PlayerFault`. */
export async function decodeRelease(
  { object, data, secret }: Blob,
  most = mostUnpacked,
): Promise<{ json: Record<string, unknown>; bytes: number }> {
  if (data === undefined) throw malformed(object, 'it has no key `release`', 'la clé `release` n’y est pas')
  const inner = secret ? decodeBase64(object, data).toString('latin1') : data
  const packed = decodeBase64(object, inner)
  const plain = packed.subarray(0, 3).equals(gzipStart) ? await unzip(object, packed, most) : packed
  if (plain.length > most) throw tooLarge(object, most)
  return { json: parse(object, plain), bytes: plain.length }
}

export function malformed(object: string, why: string, french: string): PlayerFault {
  return new PlayerFault(
    `${object} is no release as Helm stores it: ${why}. Make the release with helm.`,
    `${object} n’est pas une release telle que Helm la range : ${french}. Fais la release avec helm.`,
  )
}

/** Node skips what is no base64, so that anything at all would decode to something. */
function decodeBase64(object: string, text: string): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw malformed(object, 'it is no base64', 'ce n’est pas du base64')
  return Buffer.from(text, 'base64')
}

async function unzip(object: string, packed: Buffer, most: number): Promise<Buffer> {
  try {
    return await unpack(packed, { maxOutputLength: most })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(object, most)
    throw malformed(object, 'its gzip is damaged', 'son gzip est abîmé')
  }
}

function tooLarge(object: string, most: number): TooLarge {
  return new TooLarge(
    `${object} unpacks to more than ${most} bytes.`,
    `${object}, une fois décompressé, dépasse ${most} octets.`,
  )
}

function parse(object: string, plain: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(plain.toString('utf8'))
  } catch {
    throw malformed(object, 'it holds no JSON', 'il ne contient pas de JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(object, 'its JSON is not an object', 'son JSON n’est pas un objet')
  return value as Record<string, unknown>
}
