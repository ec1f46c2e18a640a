import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDiskAway } from '../../lib/disk.ts'
import { Refusal } from '../../lib/errors.ts'
import { createGate } from '../../lib/gate.ts'
import type { GitProcess } from './git-process.ts'
import { longestMs, type ForgeLimits } from './limits.ts'
import { flush, pkt } from './pktline.ts'
import {
  inflated,
  mustBeTheirs,
  noRepository,
  parse,
  userOf,
  type GitRequest,
  type ServeDeps,
  type Service,
} from './git-request.ts'
import { receivePack } from './receive-pack.ts'
import { startGit } from './serve-process.ts'
import { answerHead } from './transfer.ts'
import { words } from './words.ts'
import type { PushReceiver } from './types.ts'

// Inflated negotiations are a list of commits; more than this is an attack.
const negotiationBytes = 16 * 2 ** 20

/** Git's smart HTTP (gitprotocol-http) below the mount point. Bodies must not have been read by anybody before. */
export function createServe(
  deps: ServeDeps,
): (receiver: PushReceiver) => (req: IncomingMessage, res: ServerResponse) => void {
  const players = createGate(deps.limits.perPlayer, deps.limits.waiting)

  const handle = async (req: IncomingMessage, res: ServerResponse, receiver: PushReceiver): Promise<void> => {
    const { repository, action, service } = parse(req, res)
    const user = await userOf(req, res, receiver)
    mustBeTheirs({ res, user, repository })
    if (!(await receiver.allowed(user, repository))) throw noRepository(words[user.language])
    const encoding = req.headers['content-encoding'] ?? 'identity'
    if (action !== 'info/refs' && req.headers['content-type'] !== `application/x-${service}-request`)
      throw new Refusal(415, 'wrong-type', `Expected application/x-${service}-request.`)
    if (!/^((x-)?gzip|identity)$/.test(encoding))
      throw new Refusal(415, 'wrong-encoding', 'Send the body as it is, or in gzip.')
    // Nobody uploads anything before it is known that they may.
    if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
    const body = encoding === 'identity' ? req : inflated(req)
    const given = { ...deps, req, res, body, user, words: words[user.language], repository, receiver }
    const answer = async () => {
      if (res.destroyed) return
      if (action === 'info/refs') await advertise(given, service)
      else if (service === 'git-upload-pack') await uploadPack(given)
      else await receivePack(given)
    }
    await players.pass(user.slug, answer).catch((error: unknown) => {
      const crowded = error instanceof Refusal && error.status === 429
      throw crowded ? new Refusal(429, error.code, given.words.manyRequests) : error
    })
  }

  return (receiver) => (req, res) => {
    handle(req, res, receiver)
      .catch((error: unknown) => {
        const refused = error instanceof Refusal
        if (!refused) deps.log.error({ err: error, url: req.url }, 'a git request failed')
        if (res.headersSent) res.destroy()
        else if (refused) refuse(res, error.status, error.message)
        else if (isDiskAway(error)) refuse(res, 503, words.en.noRoom.join('\n'))
        else refuse(res, 503, 'The server cannot serve repositories right now. Try again in a moment.')
      })
      .finally(() => hearOut(req, deps.limits))
  }
}

/** Who was answered may send the rest of the request, but not for ever. */
function hearOut(req: IncomingMessage, { idleSeconds }: ForgeLimits): void {
  const hangUp = () => {
    if (!req.complete) req.destroy()
  }
  if (!req.complete) setTimeout(hangUp, idleSeconds * 1000).unref()
}

function refuse(res: ServerResponse, status: number, text: string): void {
  if (status === 503 || status === 429) res.setHeader('Retry-After', '5')
  res
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' })
    .end(`${text}\n`)
}

async function advertise(given: GitRequest, service: Service): Promise<void> {
  const { req, res, limits, gitDirOf, repository } = given
  const protocol = service === 'git-upload-pack' ? protocolOf(req) : {}
  const git = startGit(
    gitDirOf(repository),
    [service.slice(4), '--stateless-rpc', '--http-backend-info-refs', '.'],
    limits,
    protocol,
  )
  await attached(git, given, async () => {
    git.child.stdin.end()
    answerHead(res, `application/x-${service}-advertisement`)
    if (!(protocol['GIT_PROTOCOL'] ?? '').split(':').includes('version=2'))
      res.write(Buffer.concat([pkt(`# service=${service}\n`), flush]))
    git.child.stdout.pipe(res)
    await git.done
  })
}

async function uploadPack(given: GitRequest): Promise<void> {
  const { req, res, body, limits, gitDirOf, repository, log } = given
  const git = startGit(gitDirOf(repository), ['upload-pack', '--stateless-rpc', '.'], limits, protocolOf(req))
  await attached(git, given, async () => {
    answerHead(res, 'application/x-git-upload-pack-result')
    let size = 0
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      // Not inflated any further either.
      if (size > negotiationBytes) req.destroy()
    })
    body.on('error', () => git.end())
    body.pipe(git.child.stdin)
    git.child.stdout.pipe(res)
    followLink(git, limits)
    const code = await git.done
    if (code !== 0) log.debug({ code, repository }, 'upload-pack ended early')
  })
}

/** A git that waits for a slow link is not slow itself: while what it says goes out, its time begins anew. */
function followLink(git: GitProcess, limits: ForgeLimits): void {
  const began = Date.now()
  let size = 0
  git.child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (Date.now() - began < longestMs(limits, size)) git.goOn()
  })
}

/** Whatever happens to the client, its process does not outlive it. */
async function attached(
  git: GitProcess,
  { res, running, user }: GitRequest,
  work: () => Promise<void>,
): Promise<void> {
  running.set(git, user.slug)
  res.on('close', git.end)
  git.child.stderr.resume()
  try {
    await work()
  } finally {
    running.delete(git)
    res.off('close', git.end)
  }
}

function protocolOf(req: IncomingMessage): Record<string, string> {
  const header = req.headers['git-protocol']
  return typeof header === 'string' && /^[a-z0-9=:]{1,60}$/.test(header) ? { GIT_PROTOCOL: header } : {}
}
