import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '../../lib/errors.ts'
import {
  imagesAnswer,
  pageAnswer,
  registeredAnswer,
  submissionAnswer,
  workspaceAnswer,
  type ProofSubmission,
} from './answers.ts'
import { askApi, type Ask } from './ask.ts'
import type { RegistryAccess } from './home.ts'
import type { PrintedPage } from './lines.ts'
import { namespaceOf, type ProofNamespace } from './player-namespace.ts'

interface Credentials {
  slug: string
  token: string
}

/** A throw-away player: everything it does goes over HTTP, as a real one's scripts would. */
export interface ProofPlayer extends Credentials, ProofNamespace {
  /** Clone address with the credentials in it. */
  repositoryUrl(name: string): Promise<string>
  reset(challenge: string): Promise<void>
  /** Deletes what an earlier attempt pushed. */
  freshImages(): Promise<void>
  registry(): Promise<RegistryAccess>
  leave(): Promise<void>
  /** The page of a stage, with all hints taken. */
  printed(challenge: string, languages: readonly string[]): Promise<PrintedPage>
  /** Sends a submission and waits for its verdict. */
  submit(challenge: string, answer: string | undefined): Promise<ProofSubmission>
}

export async function joinHunt(origin: string): Promise<ProofPlayer> {
  const name = `Prover ${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('base64url')
  const credentials = registeredAnswer.parse(
    await askApi(origin, 'POST', '/players', { body: { name, password, language: 'en' } }),
  )
  const { token } = credentials
  const ask: Ask = (method, path, body) => askApi(origin, method, path, { token, body })
  return {
    ...credentials,
    ...namespaceOf(ask),
    repositoryUrl: (repository) => repositoryUrl(ask, credentials, repository),
    freshImages: () => deleteImages(ask),
    registry: () => registryAccess(ask, credentials),
    async leave() {
      await ask('DELETE', '/me')
    },
    async reset(challenge) {
      await ask('POST', `/challenges/${challenge}/reset`)
    },
    printed: (challenge, languages) => printedPage(ask, challenge, languages),
    submit: (challenge, answer) => submit(ask, challenge, answer),
  }
}

async function repositoryUrl(ask: Ask, { token }: Credentials, repository: string): Promise<string> {
  const { repositories } = workspaceAnswer.parse(await ask('GET', '/workspace'))
  const found = repositories.find((one) => one.name === repository)
  if (!found) throw new Fault(`The workspace has no repository ${repository}.`)
  const url = new URL(found.url)
  url.username = found.username
  url.password = token
  return url.href
}

async function printedPage(ask: Ask, id: string, languages: readonly string[]): Promise<PrintedPage> {
  const path = `/challenges/${id}`
  const { hints } = pageAnswer.parse(await ask('GET', path))
  for (const { number, taken } of hints) if (!taken) await ask('POST', `${path}/hints/${number}`)
  const pages = []
  for (const language of languages) pages.push(pageAnswer.parse(await ask('GET', `${path}?lang=${language}`)))
  const texts = pages.flatMap((page) => [page.story, ...page.hints.map(({ text }) => text ?? '')])
  return { commands: pages[0]?.commands ?? null, texts }
}

async function deleteImages(ask: Ask): Promise<void> {
  // Read anew each time: parts go with the index that names them.
  for (;;) {
    const [image] = imagesAnswer.parse(await ask('GET', '/workspace/images')).rows
    if (!image) return
    await ask('DELETE', `/workspace/images?${new URLSearchParams(image).toString()}`)
  }
}

async function registryAccess(ask: Ask, { slug, token }: Credentials): Promise<RegistryAccess> {
  const { registry } = workspaceAnswer.parse(await ask('GET', '/workspace'))
  if (!registry) throw new Fault('This board has no registry.')
  const { host, path, plainHttp } = registry
  return { host, plainHttp, path: `${host}/${path}`, slug, token }
}

async function submit(ask: Ask, challenge: string, answer: string | undefined): Promise<ProofSubmission> {
  const sent = await ask(
    'POST',
    `/challenges/${challenge}/submissions`,
    answer === undefined ? {} : { answer },
  )
  const { id } = z.object({ id: z.string() }).parse(sent)
  for (;;) {
    const seen = submissionAnswer.parse(await ask('GET', `/submissions/${id}?wait=30`))
    if (seen.status === 'done') return seen
    if (seen.status === 'superseded')
      throw new Fault(`Submission ${id} was superseded while it was waited for.`)
  }
}
