import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from './certificate.ts'

/** A key that signs tokens. */
export interface IssuerKey {
  kid: string
  privateKey: KeyObject
}

const shape = /^registry-(\d{1,6})\.pem$/

/**
 * The keys in a folder, the newest first, which signs; older ones are still published. One is made where there is none, and
 * one more with `renew`. P-256, readable by their owner only.
 */
export function keptKeys(folder: string, { renew = false } = {}): [IssuerKey, ...IssuerKey[]] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const newest = numbersIn(folder)[0] ?? 0
  if (renew || newest === 0) makeKey(join(folder, `registry-${newest + 1}.pem`))
  const [first, ...others] = numbersIn(folder).map((number) =>
    readKey(join(folder, `registry-${number}.pem`)),
  )
  if (!first) throw new Error(`no key in ${folder}`)
  return [first, ...others]
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => shape.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  try {
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // Another process was faster: its key is as good.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function readKey(file: string): IssuerKey {
  const privateKey = createPrivateKey(readFileSync(file))
  return { kid: fingerprint(privateKey), privateKey }
}

/**
 * The name by which Distribution 2.8 knows the key in a certificate (libtrust): 240 bits of the public key's SHA-256 in base32,
 * by fours. Distribution 3 takes whatever name the key set says, so that this one serves both.
 */
function fingerprint(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const bytes = createHash('sha256').update(spki).digest().subarray(0, 30)
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => base32[Number.parseInt(five, 2)])
  return (letters.join('').match(/.{4}/g) ?? []).join(':')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The public halves, as Distribution 3 reads them. */
export function keySet(keys: readonly IssuerKey[]): { keys: JsonWebKey[] } {
  return {
    keys: keys.map(({ kid, privateKey }) => ({
      ...createPublicKey(privateKey).export({ format: 'jwk' }),
      kid,
      use: 'sig',
      alg: 'ES256',
    })),
  }
}

/** The public halves, as Distribution 2.8 reads them. */
export function certificates(keys: readonly IssuerKey[]): string {
  return keys.map(({ privateKey }) => selfSigned(privateKey, 'Shambhala')).join('')
}
