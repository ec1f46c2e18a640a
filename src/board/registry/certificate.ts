import { createPublicKey, sign, type KeyObject } from 'node:crypto'

const tags = { integer: 0x02, bits: 0x03, oid: 0x06, utf8: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 }
const ecdsaWithSha256 = Buffer.from('2a8648ce3d040302', 'hex')
const commonName = Buffer.from('550403', 'hex')

/**
 * A certificate that an EC key signs for itself, in PEM. Distribution 2.8 takes public keys in no other form; it looks at the key
 * and at nothing else, so that there is no more in it than X.509 demands.
 */
export function selfSigned(privateKey: KeyObject, name: string): string {
  const algorithm = der(tags.sequence, der(tags.oid, ecdsaWithSha256))
  const holder = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, der(tags.oid, commonName), der(tags.utf8, Buffer.from(name)))),
  )
  // The last year that the short form of times can say.
  const validity = der(tags.sequence, time('200101000000Z'), time('491231235959Z'))
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const serial = der(tags.integer, Buffer.from([1]))
  const body = der(tags.sequence, serial, algorithm, holder, validity, holder, publicKey)
  const signature = der(tags.bits, Buffer.from([0]), sign('sha256', body, privateKey))
  const lines =
    der(tags.sequence, body, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function time(text: string): Buffer {
  return der(tags.time, Buffer.from(text))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  return bytes < 0x100 ? Buffer.from([0x81, bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff])
}
