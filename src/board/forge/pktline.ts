/** Git's pkt-lines (gitprotocol-common): four hexadecimal digits of length, then the payload; `0000` is a flush. */
export const flush = Buffer.from('0000')

const sidebandLimit = 65_520 - 5

export function pkt(payload: Buffer | string): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, '0')), body])
}

/** Payload on a band (1: data, 2: progress, 3: fatal), split as side-band-64k wants it. */
export function band(number: 1 | 2 | 3, payload: Buffer | string): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const parts: Buffer[] = []
  for (let start = 0; start < body.length; start += sidebandLimit) {
    parts.push(pkt(Buffer.concat([Buffer.from([number]), body.subarray(start, start + sidebandLimit)])))
  }
  return Buffer.concat(parts)
}

export interface Packet {
  /** null: a flush. */
  payload: Buffer | null
  /** As it came over the wire. */
  raw: Buffer
}

/** Takes packets off the front of a buffer; throws at what is no pkt-line. */
export function takePacket(buffer: Buffer): { packet: Packet; rest: Buffer } | null {
  if (buffer.length < 4) return null
  const digits = buffer.toString('latin1', 0, 4)
  if (!/^[0-9a-f]{4}$/i.test(digits)) throw new Error('this is not a pkt-line')
  const length = parseInt(digits, 16)
  if (length === 0) return { packet: { payload: null, raw: buffer.subarray(0, 4) }, rest: buffer.subarray(4) }
  if (length < 4) throw new Error('this pkt-line has an impossible length')
  if (buffer.length < length) return null
  const raw = buffer.subarray(0, length)
  return { packet: { payload: raw.subarray(4), raw }, rest: buffer.subarray(length) }
}
