import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { localized } from '../../core/text.ts'
import { Fault } from '../../lib/errors.ts'
import type { RegistryAccess } from './home.ts'

const text = z.union([z.string(), localized.transform((value) => value.en)])
const submission = z.object({
  status: z.string(),
  verdict: z.enum(['passed', 'failed', 'inconclusive']).nullable(),
  checks: z
    .array(
      z.object({
        name: text,
        verdict: z.string(),
        findings: z.array(z.object({ ok: z.boolean().nullable(), message: text })),
      }),
    )
    .default([]),
})
export type ProofSubmission = z.infer<typeof submission>

const workspace = z.object({
  repositories: z.array(z.object({ name: z.string(), url: z.url(), username: z.string() })),
  cluster: z
    .object({
      state: z.string(),
      namespaces: z.array(z.object({ name: z.string() })),
      hostSuffix: z.string().nullable(),
      nextTry: z.string().nullable(),
    })
    .nullable(),
  registry: z.object({ host: z.string(), path: z.string(), plainHttp: z.boolean() }).nullable(),
})
const images = z.object({ rows: z.array(z.object({ repository: z.string(), digest: z.string() })) })
const namespaceMs = 240_000
const registered = z.object({ slug: z.string(), token: z.string() })

/** A throw-away player: everything it does goes over HTTP, as a real one's scripts would. */
export interface ProofPlayer {
  slug: string
  token: string
  /** Clone address with the credentials in it. */
  repositoryUrl(name: string): Promise<string>
  reset(challenge: string): Promise<void>
  /** Waits until the namespace has been made and probed. */
  namespaceReady(): Promise<void>
  /** Throws away what an earlier attempt left in it. */
  freshNamespace(): Promise<void>
  kubeconfig(): Promise<string>
  /** What scripts need to know of the namespace beside the kubeconfig. */
  clusterVariables(): Promise<Record<string, string>>
  /** Deletes what an earlier attempt pushed. */
  freshImages(): Promise<void>
  registry(): Promise<RegistryAccess>
  leave(): Promise<void>
  /** Sends a submission and waits for its verdict. */
  submit(challenge: string, answer: string | undefined): Promise<ProofSubmission>
}

export async function joinHunt(origin: string): Promise<ProofPlayer> {
  const name = `Prover ${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('base64url')
  const { slug, token } = registered.parse(
    await call(origin, 'POST', '/players', { body: { name, password, language: 'en' } }),
  )
  const as: Ask = (method, path, body) => call(origin, method, path, { token, body })
  let used = false
  return {
    slug,
    token,
    async repositoryUrl(repository) {
      const { repositories } = workspace.parse(await as('GET', '/workspace'))
      const found = repositories.find((one) => one.name === repository)
      if (!found) throw new Fault(`The workspace has no repository ${repository}.`)
      const url = new URL(found.url)
      url.username = found.username
      url.password = token
      return url.href
    },
    async namespaceReady() {
      await readyNamespace(as)
    },
    async freshNamespace() {
      const { namespaces } = await readyNamespace(as)
      if (used) {
        await as('POST', '/workspace/reset', { namespace: namespaces[0]?.name })
        await readyNamespace(as)
      }
      used = true
    },
    kubeconfig: async () => z.string().parse(await as('GET', '/workspace/kubeconfig')),
    async clusterVariables() {
      const { namespaces, hostSuffix } = await readyNamespace(as)
      return {
        SHAMBHALA_NAMESPACE: namespaces[0]?.name ?? '',
        ...(hostSuffix !== null && { SHAMBHALA_HOST_SUFFIX: hostSuffix }),
      }
    },
    async freshImages() {
      // Read anew each time: parts go with the index that names them.
      for (;;) {
        const [image] = images.parse(await as('GET', '/workspace/images')).rows
        if (!image) return
        await as('DELETE', `/workspace/images?${new URLSearchParams(image).toString()}`)
      }
    },
    async registry() {
      const { registry } = workspace.parse(await as('GET', '/workspace'))
      if (!registry) throw new Fault('This board has no registry.')
      const { host, path, plainHttp } = registry
      return { host, plainHttp, path: `${host}/${path}`, slug, token }
    },
    async leave() {
      await as('DELETE', '/me')
    },
    async reset(challenge) {
      await as('POST', `/challenges/${challenge}/reset`)
    },
    async submit(challenge, answer) {
      const sent = await as(
        'POST',
        `/challenges/${challenge}/submissions`,
        answer === undefined ? {} : { answer },
      )
      const { id } = z.object({ id: z.string() }).parse(sent)
      for (;;) {
        const seen = submission.parse(await as('GET', `/submissions/${id}?wait=30`))
        if (seen.status === 'done') return seen
        if (seen.status === 'superseded')
          throw new Fault(`Submission ${id} was superseded while it was waited for.`)
      }
    },
  }
}

type Ask = (method: string, path: string, body?: object) => Promise<unknown>

async function readyNamespace(as: Ask) {
  const until = Date.now() + namespaceMs
  for (;;) {
    const { cluster } = workspace.parse(await as('GET', '/workspace'))
    if (cluster?.state === 'ready' || cluster?.state === 'expiring') return cluster
    // What is tried again by itself may still come about.
    const over = cluster?.state === 'failed' && cluster.nextTry === null
    if (over || Date.now() > until)
      throw new Fault(
        `The namespace is not ready: ${cluster?.state ?? 'there is none'}. See "bin/shambhala board check".`,
      )
    await sleep(250)
  }
}

interface Call {
  token?: string
  body?: object | undefined
}

/** Waits as long as the server asks where it says “later” (429, 503). */
async function call(origin: string, method: string, path: string, { token, body }: Call): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const later = response.status === 429 || response.status === 503
    const answered = await response.text()
    if (later && attempt < 20) {
      await sleep(Math.min(Number(response.headers.get('retry-after') ?? 1), 60) * 1000)
      continue
    }
    if (!response.ok)
      throw new Fault(`${method} ${path} answered ${response.status}: ${answered.slice(0, 500)}`)
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return answered === '' ? null : isJson ? JSON.parse(answered) : answered
  }
}
