import { createHmac } from 'node:crypto'
import type { ParamSpec } from './challenge.ts'

/** A player's own value of a parameter: a keyed hash of who, where and what, so that it can be neither guessed nor copied. */
export function drawParam(
  secret: string,
  playerId: string,
  challengeId: string,
  name: string,
  spec: ParamSpec,
): string | number {
  const digest = (block: number) =>
    createHmac('sha512', secret)
      .update(JSON.stringify(['parameter', playerId, challengeId, name, block]))
      .digest()
  if ('hex' in spec) return digest(0).toString('hex').slice(0, spec.hex)
  // 64 bits over a small range: the bias is below one in 2^32.
  const below = (count: number) => Number(digest(0).readBigUInt64BE() % BigInt(count))
  if ('words' in spec) return spec.words[below(spec.words.length)] ?? ''
  const [low, high] = spec.range
  return low + below(high - low + 1)
}
