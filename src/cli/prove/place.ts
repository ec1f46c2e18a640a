import { cp } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Registry } from '../../board/registry/types.ts'
import type { Config } from '../../config.ts'
import { loadBoard } from '../../game/hunt/load-board.ts'
import type { ProofPlayer } from '../../game/proof/player.ts'
import { challengeIn } from '../../lib/bearer.ts'
import { codeOf, Fault } from '../../lib/errors.ts'
import { timeoutSignal } from '../../lib/deadline.ts'
import { inUrl, isEverywhere, listenOn } from '../../lib/listen.ts'

/** Where the server of a proof listens. */
export interface ProofPlace {
  host: string
  port: number
  /** It stands in for the hunt's own server, whose secrets it has. */
  standsIn: boolean
}

export type ReadStorage = <T>(
  work: (storage: { dataDir: string; secret: string }) => Promise<T>,
) => Promise<T>

const askMs = 10_000

/**
 * Anywhere, with secrets of its own. With a registry the proof takes the place of the hunt's server: a registry knows the keys of
 * one server, and tells clients one address to get tokens from.
 */
export async function findPlace(
  config: Config,
  dataDir: string,
  withStorage: ReadStorage,
): Promise<ProofPlace> {
  const { board } = config.boardFile === undefined ? { board: null } : await loadBoard(config.boardFile, null)
  if (!board?.file.registry) return { host: '127.0.0.1', port: 0, standsIn: false }
  await withStorage((storage) =>
    cp(join(storage.dataDir, 'secrets'), join(dataDir, 'secrets'), { recursive: true }),
  )
  return { host: config.host, port: config.port, standsIn: true }
}

/** Gives the address under which the proof's scripts reach the server. */
export async function listenAt(server: Server, { host, port, standsIn }: ProofPlace): Promise<string> {
  await listenOn(server, port, host).catch((error: unknown) => {
    if (codeOf(error) !== 'EADDRINUSE' || !standsIn) throw error
    throw new Fault(
      `Port ${port} is in use: stop the server while stages are proven with a registry, whose tokens come from there.`,
    )
  })
  const reached = isEverywhere(host) ? '127.0.0.1' : inUrl(host)
  return `http://${reached}:${(server.address() as AddressInfo).port}`
}

/** Whether clients get our tokens and the registry takes them; a `Fault` says what to do. */
export async function mustServeTokens(registry: Registry, { slug, token }: ProofPlayer): Promise<void> {
  const scheme = registry.plainHttp ? 'http' : 'https'
  const asked = await ask(`${scheme}://${registry.host}/v2/`)
  const challenge = challengeIn(asked.headers.get('www-authenticate'))
  if (!challenge)
    throw new Fault(`The registry ${registry.host} asks for no tokens: start it with "registry config".`)
  const { realm } = challenge
  const url = new URL(realm)
  url.searchParams.set('service', registry.tokens.service)
  const authorization = `Basic ${Buffer.from(`${slug}:${token}`).toString('base64')}`
  const answered = await ask(url.href, { authorization })
  if (!answered.ok)
    throw new Fault(
      `Tokens of the registry come from ${realm}, where another server answers ${answered.status}: stop it, and let PORT and HOST put this one there.`,
    )
  const { token: issued } = (await answered.json()) as { token: string }
  const taken = await ask(`${scheme}://${registry.host}/v2/`, { authorization: `Bearer ${issued}` })
  if (!taken.ok)
    throw new Fault(
      `The registry ${registry.host} does not take this server's tokens: run "bin/shambhala registry config" again and restart it.`,
    )
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(url, { headers, signal: timeoutSignal(askMs) }).catch((error: unknown) => {
    const { cause } = error as Error
    const why = cause instanceof Error ? cause.message : String(error)
    throw new Fault(`${new URL(url).host} cannot be reached: ${why}`)
  })
}
