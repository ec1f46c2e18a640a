import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { slugPattern } from '../../core/player.ts'
import { repositoryPattern } from '../../core/repository.ts'
import { basicIn } from '../../lib/basic.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import type { ForgeLimits } from './limits.ts'
import type { GitProcess } from './git-process.ts'
import { words, type Words } from './words.ts'
import type { GitUser, PushReceiver, RepositoryReader, RepositoryRef } from './types.ts'

export type Service = 'git-upload-pack' | 'git-receive-pack'

/** What the serving of every repository shares. */
export interface ServeDeps {
  limits: ForgeLimits
  log: Log
  gitDirOf: (repository: RepositoryRef) => string
  reader: (repository: RepositoryRef) => RepositoryReader
  /** Children that `close` has to end, with whose repository they serve. */
  running: Map<GitProcess, string>
  /** Where pushes are kept while they come in; on the disk of the repositories. */
  spoolFolder: string
  turn: TakeTurn
}

/** Runs what changes a repository's refs, one after the other. */
export type TakeTurn = <T>(repository: RepositoryRef, work: () => Promise<T>) => Promise<T>

/** One authenticated request for one repository. */
export interface GitRequest extends ServeDeps {
  req: IncomingMessage
  res: ServerResponse
  /** The body, inflated. */
  body: Readable
  user: GitUser
  /** In the user's language. */
  words: Words
  repository: RepositoryRef
  receiver: PushReceiver
}

const path = new RegExp(
  `^/(${slugPattern})/(${repositoryPattern})\\.git/(info/refs|git-upload-pack|git-receive-pack)$`,
)

/** What is asked for, by the address as it was written: nothing in it is decoded or resolved. */
export function parse(
  req: IncomingMessage,
  res: ServerResponse,
): { repository: RepositoryRef; action: string; service: Service } {
  const [pathname = '', query = ''] = (req.url ?? '').split('?')
  const [, slug, name, action] = path.exec(pathname) ?? []
  if (slug === undefined || name === undefined || action === undefined) throw noRepository(words.en)
  const service = action === 'info/refs' ? new URLSearchParams(query).get('service') : action
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack')
    throw new Refusal(404, 'old-protocol', 'Update git: it speaks an old protocol.')
  const method = action === 'info/refs' ? 'GET' : 'POST'
  if (req.method !== method) {
    res.setHeader('Allow', method)
    throw new Refusal(405, 'wrong-method', `Use ${method}.`)
  }
  return { repository: { slug, name }, action, service }
}

export async function userOf(
  req: IncomingMessage,
  res: ServerResponse,
  receiver: PushReceiver,
): Promise<GitUser> {
  const credentials = basicIn(req)
  const user =
    credentials &&
    (await receiver.authenticate(credentials.name, credentials.pass, req.socket.remoteAddress ?? ''))
  if (user) return user
  throw otherCredentials(res, 'Give your slug as the user name and one of your tokens as the password.')
}

/**
 * Git forgets what it had stored when it was answered 401, and asks the next time. Both names are the asker's own words, so that
 * this says nothing of who plays here.
 */
export function mustBeTheirs({
  res,
  user,
  repository,
}: Pick<GitRequest, 'res' | 'user' | 'repository'>): void {
  if (user.slug === repository.slug) return
  throw otherCredentials(res, words[user.language].otherAccount(user.slug, repository.slug).join('\n'))
}

function otherCredentials(res: ServerResponse, text: string): Refusal {
  res.setHeader('WWW-Authenticate', 'Basic realm="Shambhala: your token is the password", charset="UTF-8"')
  return new Refusal(401, 'no-credentials', text)
}

export function noRepository(inWords: Words): Refusal {
  return new Refusal(404, 'no-repository', inWords.noRepository)
}

export function inflated(req: IncomingMessage): Readable {
  // Errors end the stream; whoever reads it sees that. Nobody may be listening yet.
  return pipeline(req, createGunzip(), () => undefined).on('error', () => undefined)
}
