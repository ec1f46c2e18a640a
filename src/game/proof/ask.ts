import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../lib/errors.ts'

/** Asks the API as one player; gives the answer's JSON, or its text. */
export type Ask = (method: string, path: string, body?: object) => Promise<unknown>

interface ApiRequest {
  token?: string
  body?: object | undefined
}

/** Waits as long as the server asks where it says “later” (429, 503). */
export async function askApi(
  origin: string,
  method: string,
  path: string,
  { token, body }: ApiRequest,
): Promise<unknown> {
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
