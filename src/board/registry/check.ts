import { decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import { challengeIn, type BearerChallenge } from '../../lib/bearer.ts'
import { boundedRequest, type BoundedAnswer } from '../../lib/bounded.ts'
import { answerTo, type RegistryPlace } from './client.ts'
import type { RegistryFinding, TokenIssuer } from './types.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

interface Checked {
  place: RegistryPlace
  tokens: TokenIssuer
  /** What players and nodes call it. */
  host: string
}

const again = 'run "bin/shambhala registry config" again, put the files in place and restart the registry'
const timeoutMs = 10_000
/** Tokens count from half a minute before they were issued. */
const mostApartSeconds = 25

/** Looks without changing anything. After a fault that others follow from, it ends. */
export async function checkRegistry(one: Checked, realm?: string): Promise<RegistryFinding[]> {
  let answer: BoundedAnswer
  try {
    answer = await knock({ ...one.place, tokenFor: () => Promise.resolve('') })
  } catch (error) {
    return [fault('address', `does not answer: ${messageOf(error)}`)]
  }
  const challenge = challengeIn(answer.headers['www-authenticate'])
  if (answer.status !== 401 || !challenge) return [fault('address', strangenessOf(answer))]
  const clock = clockOf(answer)
  const taken = await takesTokens(one)
  return [
    { part: 'address', level: 'ok', message: `${one.place.url} answers, and asks for tokens` },
    ...(clock ? [clock] : []),
    await realmOf(one, challenge, realm),
    taken,
    ...(taken.level === 'ok' ? [await deletes(one.place)] : []),
  ]
}

async function knock(place: RegistryPlace): Promise<BoundedAnswer> {
  const call = { path: '/v2/', scope: '', maxBytes: 0 }
  return await answerTo(place, { ...call, signal: timeoutSignal(timeoutMs) })
}

function strangenessOf({ status, strayed }: BoundedAnswer): string {
  if (strayed !== null) return `redirects to ${strayed}: name in board.yaml, as url, where it really is`
  if (status === 200) return `lets everybody in: ${again}`
  return `answers ${status} instead of asking for a token of this server: mend url in board.yaml, or ${again}`
}

function clockOf({ headers }: BoundedAnswer): RegistryFinding | null {
  const seconds = Math.round((Date.parse(headers['date'] ?? '') - Date.now()) / 1000)
  if (Number.isNaN(seconds) || Math.abs(seconds) <= mostApartSeconds) return null
  const way = seconds < 0 ? 'behind' : 'ahead of'
  return fault(
    'clock',
    `is ${Math.abs(seconds)} seconds ${way} this machine’s: set both by the same time server`,
  )
}

/** Where clients are sent for tokens must be this server, by whatever name. */
async function realmOf(
  { place, tokens, host }: Checked,
  { realm, service }: BearerChallenge,
  wanted: string | undefined,
): Promise<RegistryFinding> {
  if (service !== host)
    return fault('realm', `calls itself ${service}, and board.yaml calls it ${host}: ${again}`)
  if (realm === wanted) return { part: 'realm', level: 'ok', message: `sends clients to ${realm} for tokens` }
  const why = await isOurs(place, tokens, realm).then(
    (ours) => (ours ? null : 'which is not this server'),
    (error: unknown) => `which cannot be asked (${messageOf(error)})`,
  )
  if (why === null)
    return { part: 'realm', level: 'ok', message: `sends clients to ${realm}, where this server answers` }
  const instead = wanted === undefined ? '' : `, instead of ${wanted}`
  return fault('realm', `sends clients to ${realm} for tokens, ${why}${instead}: ${again}`)
}

const issued = z.object({ token: z.string().max(10_000) })

/** No player can have it, so that it opens nothing. */
const reserved = 'registry'

/** Whether the tokens from there are signed by the key of this server. */
async function isOurs(place: RegistryPlace, tokens: TokenIssuer, realm: string): Promise<boolean> {
  const url = new URL(realm)
  url.searchParams.set('service', tokens.service)
  const login = Buffer.from(`${reserved}:${tokens.robotPassword(reserved)}`).toString('base64')
  const { body, status } = await boundedRequest({
    url,
    connectTo: ({ hostname, port, protocol }) => ({
      address: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
    }),
    agentFor: ({ protocol }) => (protocol === 'https:' ? place.agents.https : place.agents.http),
    headers: { authorization: `Basic ${login}` },
    maxBytes: 16 * 1024,
    signal: timeoutSignal(timeoutMs),
  })
  const own = await tokens.issue({ kind: 'master' }, [])
  return status === 200 && keyOf(body) === decodeProtectedHeader(own.token).kid
}

function keyOf(answer: Buffer): string | undefined {
  try {
    return decodeProtectedHeader(issued.parse(JSON.parse(answer.toString())).token).kid
  } catch {
    return undefined
  }
}

async function takesTokens({ place }: Checked): Promise<RegistryFinding> {
  try {
    const { status } = await knock(place)
    if (status === 200) return { part: 'tokens', level: 'ok', message: 'takes those of this server' }
    return fault(
      'tokens',
      status === 401
        ? `refuses those of this server, whose key it does not know or knew before: ${again}`
        : `answers ${status} to those of this server`,
    )
  } catch (error) {
    return fault('tokens', messageOf(error))
  }
}

/** Nothing has this digest, so that a registry that would delete says that it is not there. */
async function deletes(place: RegistryPlace): Promise<RegistryFinding> {
  const [name, digest] = ['hunt/nothing', `sha256:${'0'.repeat(64)}`]
  const call = { method: 'DELETE' as const, path: `/v2/${name}/manifests/${digest}`, maxBytes: 0 }
  try {
    const signal = timeoutSignal(timeoutMs)
    const { status } = await answerTo(place, { ...call, scope: `repository:${name}:delete`, signal })
    if (status === 404) return { part: 'deletes', level: 'ok', message: 'players can make room' }
    return status === 405
      ? fault('deletes', `refuses them, so that nobody can make room: ${again}`)
      : { part: 'deletes', level: 'warning', message: `cannot tell: it answers ${status}` }
  } catch (error) {
    return fault('deletes', messageOf(error))
  }
}

function fault(part: string, message: string): RegistryFinding {
  return { part, level: 'fault', message }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
