import { createServer, type RequestListener, type Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config.ts'
import { makeOrganizerLink } from '../game/people/organizers.ts'
import { closeServer } from '../lib/closing.ts'
import { atMost } from '../lib/deadline.ts'
import { connectionsAtMost } from '../lib/descriptors.ts'
import { codeOf, Fault } from '../lib/errors.ts'
import { inUrl, isEverywhere, listenOn } from '../lib/listen.ts'
import { createLog, type Log } from '../lib/log.ts'
import { outwardInterfaces } from '../lib/lan.ts'
import type { Game } from '../game/game.ts'

/** The composed server, without its socket. */
interface Master {
  game: Game
  app: RequestListener
  dataDir: string
  moved: boolean
  lost: Promise<Fault>
  close(): Promise<void>
}

const closingMs = 10_000

/** Starts the server and runs until SIGINT, SIGTERM or the end of its terminal, then stops all of it, running submissions first. */
export async function serve(
  config: Config,
  compose: (config: Config, log: Log) => Promise<Master>,
): Promise<void> {
  const log = createLog(config.logLevel, process.stdout.isTTY)
  // Listened for from the start: a Ctrl-C that comes early ends in order too, and leaves no database running.
  const signal = stopSignal()
  const server = createServer()
  // Bound before anything else is started: a port in use is said at once.
  await listen(server, config)
  const master = await compose(config, log).catch((error: unknown) => {
    server.close()
    throw error
  })
  server.removeAllListeners('request')
  server.on('request', master.app)
  server.on('checkContinue', master.app)
  sayWhereToPlay(config, server, master, await makeOrganizerLink(master.game))
  const fault = await Promise.race([signal, master.lost])
  const stopped = stop(server, master)
  if (!fault) {
    await stopped
    return
  }
  // Whoever started this server can start it again: with its database gone it would answer nobody.
  await atMost(
    closingMs,
    stopped.catch(() => undefined),
  )
  setTimeout(() => process.exit(1), closingMs).unref()
  throw fault
}

async function listen(server: Server, config: Config): Promise<void> {
  // A slow uplink may push for an hour: the forge bounds its bodies by their pace, and a middleware all others.
  server.requestTimeout = 0
  server.maxConnections = connectionsAtMost()
  server.headersTimeout = 20_000
  server.on('request', (_, response) => {
    response
      .writeHead(503, { 'Retry-After': '1', 'Content-Type': 'text/plain' })
      .end('The hunt is starting.\n')
  })
  await listenOn(server, config.port, config.host).catch((error: unknown) => {
    throw listenFault(error, config)
  })
}

function listenFault(error: unknown, config: Config): unknown {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return new Fault(
      `Port ${config.port} is in use: stop the other program, or choose another port, such as PORT=${config.port + 1} make play.`,
    )
  }
  if (code === 'EACCES')
    return new Fault(
      `Port ${config.port} needs more rights: choose one above 1023, such as PORT=8080 make play.`,
    )
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT', 'EINVAL'].includes(code))
    return new Fault(`HOST=${config.host} is not an address of this machine: try HOST=0.0.0.0.`)
  return error
}

function sayWhereToPlay(config: Config, server: Server, master: Master, organizerToken: string): void {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : config.port
  const everywhere = isEverywhere(config.host)
  const local = config.baseUrl ?? `http://${everywhere ? 'localhost' : inUrl(config.host)}:${port}`
  const lines = ['', `  ${master.game.hunt.name.en}`, '', `  Play        ${local}`]
  if (everywhere && config.baseUrl === undefined)
    for (const lan of lanAddresses(server)) lines.push(`  In the LAN  http://${inUrl(lan)}:${port}`)
  const locked = whyNobodyJoins(master.game)
  if (locked !== null) lines.push(`  Join        ${locked}`)
  lines.push(`  Organize    ${local}/organizer/${organizerToken}   (works once)`)
  lines.push(
    `  Data        ${master.dataDir}${master.moved ? '   (the database’s user cannot reach the folder that was asked for)' : ''}`,
  )
  lines.push('  Stop        Ctrl-C', '')
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** What an operator has to do before anybody can come; null where they can. */
function whyNobodyJoins({ settings }: Pick<Game, 'settings'>): string | null {
  const { registration, registrationCode } = settings
  if (registration === 'closed') return 'nobody: registration is closed (the desk opens it)'
  if (registration === 'open' || registrationCode !== null) return null
  return 'nobody yet: a code is asked for, and none is set. Start with REGISTRATION_CODE=…, or set one on the desk'
}

/** Of the families that are listened to. Those that only a link knows need its name, which no address of the Web takes. */
function lanAddresses(server: Server): string[] {
  const address = server.address()
  const both = typeof address === 'object' && address?.family === 'IPv6'
  const isReached = ({ family, address: text }: NetworkInterfaceInfo) =>
    family === 'IPv4' || (both && !/^fe[89ab]/i.test(text))
  const interfaces = networkInterfaces()
  return outwardInterfaces(Object.keys(interfaces))
    .flatMap((name) => interfaces[name])
    .flatMap((one) => (one && !one.internal && isReached(one) ? [one.address] : []))
    .toSorted((one, other) => Number(isIPv6(one)) - Number(isIPv6(other)))
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    process.once('SIGHUP', () => resolve())
  })
}

async function stop(server: Server, master: Master): Promise<void> {
  process.stdout.write('\n  Stopping …\n')
  await closeServer(server, () => master.close())
}
