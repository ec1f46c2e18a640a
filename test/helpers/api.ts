import assert from 'node:assert/strict'
import { privateRoutes, publicRoutes } from '../../src/web/api/routes.ts'
import { problem } from '../../src/web/api/problem.ts'
import { password } from './game.ts'

export interface Asked {
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Said {
  status: number
  headers: Headers
  body: Fields
}

interface Listed {
  id: string
  slug: string
  name: string
  title: string
  state: string
  challenge: string
  score: number
  rank: number
  after: string[]
  needs: string[]
}

/** Whatever a test may read. That an answer really has it was seen before, when it was held against its schema. */
export interface Fields extends Listed {
  code: string
  detail: string
  errors: { field: string; message: string }[]
  missing: string[]
  start: string
  token: string
  language: string
  workspace: { repositories: object[] }
  repositories: object[]
  solved: Record<string, { submission: string }>
  rows: Listed[]
  next: string | number | null
  total: number
  frozen: boolean
  version: number
  first: Record<string, string>
  status: string
  verdict: string | null
  trigger: string
  supersededBy: string
  checks: { name: string; findings: { message: string }[]; evidence: { what: string }[] }[]
  story: string
  commands: string
  repository: { url: string } | null
  hints: object[]
  answer: boolean
  phase: string
  window: object
  paused: boolean
  announcement: { text: string } | null
  openapi: string
  paths: Record<string, Record<string, unknown>>
  components: Record<string, Record<string, object>>
}

export type Ask = (method: string, path: string, asked?: Asked) => Promise<Said>

export function listOf({ body }: Said): Listed[] {
  assert.ok(Array.isArray(body))
  return body as Listed[]
}

/** Speaks to `/api/v1`. Every answer is held against what the document promises: its status, and its body field by field. */
export function apiOf(url: string): Ask {
  return async (method, path, { token, body, headers = {} } = {}) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body !== undefined && { body: sent }),
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    })
    const text = await response.text()
    const said = {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? null : JSON.parse(text)) as Fields,
    }
    mustConform(method, path, said)
    return said
  }
}

function mustConform(method: string, path: string, { status, headers, body }: Said): void {
  if (status >= 400) {
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
    const { requestId, status: told } = problem.parse(body)
    assert.equal(told, status)
    assert.equal(requestId, headers.get('x-request-id'))
  }
  const [plain = ''] = path.split('?')
  const route = [...publicRoutes, ...privateRoutes].find(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  )
  if (!route || status >= 400) return
  const answer = route.answers[status]
  assert.ok(answer, `${route.id} answered ${status}, which the document does not name`)
  // Parsing drops what the schema does not name: equal means that it names all of it.
  if (answer.schema) assert.deepEqual(answer.schema.parse(body), body, route.id)
  else assert.equal(body, null)
}

/** The cookies of a browser that has logged in by the form. */
export async function logIn(url: string, name: string): Promise<string> {
  const page = await fetch(`${url}/login`)
  const form = cookiesOf(page)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: form },
    body: new URLSearchParams({ _csrf: csrf, name, password }),
  })
  assert.equal(response.status, 303)
  return cookiesOf(response)
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}
