import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGunzip } from 'node:zlib'
import { pipeline, type Readable } from 'node:stream'
import auth from 'basic-auth'
import { createGate } from '../../lib/gate.ts'
import type { Log } from '../../lib/log.ts'
import type { ForgeLimits } from './limits.ts'
import { flush, pkt } from './pktline.ts'
import { receivePack } from './receive-pack.ts'
import { startGit, type GitProcess } from './serve-process.ts'
import type { GitUser, PushHooks, RepositoryReader, RepositoryRef } from './types.ts'

export interface ServeDeps {
  limits: ForgeLimits
  log: Log
  gitDirOf(repository: RepositoryRef): string
  reader(repository: RepositoryRef): RepositoryReader
  /** Children that `close` has to end. */
  running: Set<GitProcess>
}

type Service = 'git-upload-pack' | 'git-receive-pack'

/** One authenticated request for one repository. */
export interface GitRequest extends ServeDeps {
  req: IncomingMessage
  res: ServerResponse
  /** The body, inflated. */
  body: Readable
  user: GitUser
  repository: RepositoryRef
  hooks: PushHooks
}

const path =
  /^\/(?:git\/)?([a-z][a-z0-9]{1,19})\/([a-z][a-z0-9-]{0,39})\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/
// Inflated negotiations are a list of commits; more than this is an attack.
const negotiationBytes = 16 * 2 ** 20

/** Git's smart HTTP (gitprotocol-http) below the mount point. Bodies must not have been read by anybody before. */
export function createServe(
  deps: ServeDeps,
): (hooks: PushHooks) => (req: IncomingMessage, res: ServerResponse) => void {
  const players = createGate(deps.limits.perPlayer)
  const pushes = createGate(1)

  const handle = async (req: IncomingMessage, res: ServerResponse, hooks: PushHooks): Promise<void> => {
    const url = new URL(req.url ?? '/', 'http://forge')
    const [, slug, name, action] = path.exec(url.pathname) ?? []
    if (slug === undefined || name === undefined) return refuse(res, 404, 'There is no such repository.')
    const service = action === 'info/refs' ? url.searchParams.get('service') : action
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack')
      return refuse(res, 404, 'Update git: it speaks an old protocol.')
    const method = action === 'info/refs' ? 'GET' : 'POST'
    if (req.method !== method) return refuse(res, 405, `Use ${method}.`)
    const credentials = auth(req)
    const user =
      credentials &&
      (await hooks.authenticate(credentials.name, credentials.pass, req.socket.remoteAddress ?? ''))
    if (!user) {
      res.setHeader(
        'WWW-Authenticate',
        'Basic realm="Shambhala: your token is the password", charset="UTF-8"',
      )
      return refuse(res, 401, 'Give your slug as the user name and one of your tokens as the password.')
    }
    const repository = { slug, name }
    if (!(await hooks.allowed(user, repository))) return refuse(res, 404, 'There is no such repository.')
    if (action !== 'info/refs' && req.headers['content-type'] !== `application/x-${service}-request`) {
      return refuse(res, 415, `Expected application/x-${service}-request.`)
    }
    const given = { ...deps, req, res, body: bodyOf(req), user, repository, hooks }
    await players.pass(user.slug, async () => {
      if (req.destroyed && !req.complete) return
      if (action === 'info/refs') return await advertise(given, service)
      if (service === 'git-upload-pack') return await uploadPack(given)
      // One push at a time: what moved is told by comparing the refs before and after.
      await pushes.pass(`${slug}/${name}`, () => receivePack(given))
    })
  }

  return (hooks) => (req, res) => {
    if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
    handle(req, res, hooks).catch((error: unknown) => {
      deps.log.error({ err: error, url: req.url }, 'a git request failed')
      if (res.headersSent) res.destroy()
      else refuse(res, 503, 'The server cannot serve repositories right now. Try again in a moment.')
    })
  }
}

function refuse(res: ServerResponse, status: number, text: string): void {
  if (status === 503) res.setHeader('Retry-After', '5')
  res
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' })
    .end(`${text}\n`)
}

function bodyOf(req: IncomingMessage): Readable {
  if (!/^(x-)?gzip$/.test(req.headers['content-encoding'] ?? '')) return req
  // Errors end the stream; whoever reads it sees that.
  return pipeline(req, createGunzip(), () => undefined)
}

export function answerHead(res: ServerResponse, type: string): void {
  res.writeHead(200, {
    'Content-Type': type,
    'Cache-Control': 'no-cache, max-age=0, must-revalidate',
    'X-Accel-Buffering': 'no',
  })
}

async function advertise(
  { req, res, limits, gitDirOf, repository, running }: GitRequest,
  service: Service,
): Promise<void> {
  const protocol = service === 'git-upload-pack' ? protocolOf(req) : {}
  const git = startGit(
    gitDirOf(repository),
    [service.slice(4), '--stateless-rpc', '--http-backend-info-refs', '.'],
    limits,
    protocol,
  )
  await attached(git, res, running, async () => {
    git.child.stdin.end()
    answerHead(res, `application/x-${service}-advertisement`)
    if (protocol['GIT_PROTOCOL'] !== 'version=2')
      res.write(Buffer.concat([pkt(`# service=${service}\n`), flush]))
    git.child.stdout.pipe(res)
    await git.done
  })
}

async function uploadPack({
  req,
  res,
  body,
  limits,
  gitDirOf,
  repository,
  running,
  log,
}: GitRequest): Promise<void> {
  const git = startGit(gitDirOf(repository), ['upload-pack', '--stateless-rpc', '.'], limits, protocolOf(req))
  await attached(git, res, running, async () => {
    answerHead(res, 'application/x-git-upload-pack-result')
    let size = 0
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > negotiationBytes) git.kill()
    })
    body.on('error', () => git.kill())
    body.pipe(git.child.stdin)
    git.child.stdout.pipe(res)
    const code = await git.done
    if (code !== 0) log.debug({ code, repository }, 'upload-pack ended early')
  })
}

/** Whatever happens to the client, its process does not outlive it. */
async function attached(
  git: GitProcess,
  res: ServerResponse,
  running: Set<GitProcess>,
  work: () => Promise<void>,
): Promise<void> {
  running.add(git)
  res.on('close', git.kill)
  git.child.stderr.resume()
  try {
    await work()
  } finally {
    running.delete(git)
    res.off('close', git.kill)
  }
}

function protocolOf(req: IncomingMessage): Record<string, string> {
  const header = req.headers['git-protocol']
  return typeof header === 'string' && /^[a-z0-9=:]{1,60}$/.test(header) ? { GIT_PROTOCOL: header } : {}
}
