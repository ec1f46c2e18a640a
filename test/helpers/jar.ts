import assert from 'node:assert/strict'
import { password } from './game.ts'

export interface Page {
  status: number
  /** Where it was found, after redirects: path with query and anchor. */
  path: string
  headers: Headers
  /** The page's HTML. */
  html: string
  /** What a reader reads, entities and tags taken off, blanks made one. */
  text: string
}

/** A browser without scripts: it keeps cookies, sends forms with their hidden fields, follows the redirect after one. */
export interface Jar {
  get(path: string): Promise<Page>
  /** Sends the form of `page` that posts to `action`. */
  send(page: Page, action: string, fields?: Record<string, string>): Promise<Page>
  /** Sends these fields and no other; a text goes as it is. */
  post(
    action: string,
    fields: Record<string, string> | string,
    headers?: Record<string, string>,
  ): Promise<Page>
  /** The header `Cookie` as it would send it now. */
  cookie(): string
}

export async function openJar(url: string, name: string): Promise<Jar> {
  const jar = anonymousJar(url)
  const page = await jar.send(await jar.get('/login'), '/login', { name, password })
  assert.equal(page.status, 200)
  return jar
}

export function anonymousJar(url: string): Jar {
  const cookies = new Map<string, string>()
  const cookie = () => [...cookies].map((pair) => pair.join('=')).join('; ')
  const ask = async (path: string, init: RequestInit = {}): Promise<Page> => {
    const own = { Cookie: cookie() }
    const headers = { ...(init.headers as Record<string, string> | undefined), ...own }
    const answer = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    for (const set of answer.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(key, value)
    }
    if (answer.status === 303) return await ask(answer.headers.get('location') ?? '/')
    const html = await answer.text()
    return { status: answer.status, path, headers: answer.headers, html, text: textOf(html) }
  }
  return {
    cookie,
    get: (path) => ask(path),
    post: (action, fields, headers = {}) =>
      ask(action, {
        method: 'POST',
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields),
        headers: {
          ...(typeof fields === 'string' && { 'Content-Type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      }),
    async send(page, action, fields = {}) {
      const form = page.html
        .split('<form')
        .find((one) => one.includes(`action="${action}"`))
        ?.split('</form>')[0]
      assert.ok(form, `the page has no form that posts to ${action}`)
      const hidden = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      const body = new URLSearchParams(
        hidden.map(([, key = '', value = '']): [string, string] => [key, decode(value)]),
      )
      for (const [key, value] of Object.entries(fields)) body.set(key, value)
      return await ask(action, { method: 'POST', body })
    },
  }
}

const entities: Record<string, string> = {
  '&quot;': '"',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#x27;': "'",
  '&#x3D;': '=',
  '&#x60;': '`',
}

export function textOf(html: string): string {
  return decode(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ')
}

function decode(html: string): string {
  return html.replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity)
}
