import { objectIdPattern } from '../../core/object-id.ts'
import { TooLarge } from '../../lib/errors.ts'
import { takePacket, type Packet } from './pktline.ts'

export interface Command {
  before: string
  after: string
  ref: string
}

/** What a push says before its pack (gitprotocol-pack, reference update request). */
export interface PushHead {
  commands: Command[]
  capabilities: ReadonlySet<string>
  options: string[]
  /** The bytes of the head, to hand on. */
  raw: Buffer
  /** What came behind the head in the same chunk. */
  rest: Buffer
}

const optionsKept = 20
const line = new RegExp(`^(${objectIdPattern}) (${objectIdPattern}) ([^\\0\\n]+)$`)

/**
 * Reads the head off a push's body, bounded. null: the body ended first, as in the probe that git sends before a large push.
 * Throws `TooLarge`, or an `Error` for what is no push.
 */
export function createHeadReader(mostBytes: number): (chunk: Buffer) => PushHead | null {
  let pending: Buffer = Buffer.alloc(0)
  const raw: Buffer[] = []
  let size = 0
  let section: 'commands' | 'options' = 'commands'
  const commands: Command[] = []
  const options: string[] = []
  let capabilities: ReadonlySet<string> = new Set()

  const take = ({ payload }: Packet): boolean => {
    if (payload === null) {
      if (section === 'options' || commands.length === 0 || !capabilities.has('push-options')) return true
      section = 'options'
      return false
    }
    if (section === 'options') {
      if (options.length < optionsKept) options.push(payload.toString('utf8').trimEnd().slice(0, 200))
      return false
    }
    const text = payload.toString('utf8')
    const [command = '', extra = ''] = text.split('\0')
    if (commands.length === 0) capabilities = new Set(extra.trim().split(' '))
    // A shallow client names its borders first, a signed push brings a certificate: neither moves a ref by itself.
    if (/^shallow [0-9a-f]+\n?$/.test(command)) return false
    const [, before, after, ref] = line.exec(command.replace(/\n$/, '')) ?? []
    if (before === undefined || after === undefined || ref === undefined)
      throw new Error('this is not a push')
    commands.push({ before, after, ref })
    return false
  }

  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const taken = takePacket(pending)
      if (!taken) break
      pending = taken.rest
      size += taken.packet.raw.length
      raw.push(taken.packet.raw)
      if (size > mostBytes) throw new TooLarge('the head of this push is too large')
      if (take(taken.packet)) {
        return {
          commands,
          capabilities,
          options,
          raw: Buffer.concat(raw),
          rest: pending,
        }
      }
    }
    if (pending.length > 70_000) throw new TooLarge('a line of this push is too large')
    return null
  }
}
