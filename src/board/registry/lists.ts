import { isRepository, isTag } from '../../core/image-names.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { ask, type RegistryPlace } from './client.ts'
import type { TagList } from './types.ts'

const pageBytes = 2 * 2 ** 20
const mostPages = 20
const mostTags = 5000

interface Page {
  names: string[]
  /** The query of the next page; null at the end. */
  next: string | null
  /** The answer was longer than what is read of it. */
  cut: boolean
}

/** A repository's tags, as far as the bounds allow. None where there is no such repository. */
export async function tagsOf(place: RegistryPlace, name: string, signal: AbortSignal): Promise<TagList> {
  const tags: string[] = []
  let query: string | null = '?n=1000'
  for (let page = 0; query !== null; page += 1) {
    if (page === mostPages || tags.length > mostTags)
      return { tags: tags.slice(0, mostTags), truncated: true }
    const list = { path: `/v2/${name}/tags/list${query}`, scope: `repository:${name}:pull`, signal }
    const { names, next, cut } = await pageOf(place, list, 'tags')
    for (const tag of names) if (isTag(tag) && tags.length <= mostTags) tags.push(tag)
    if (cut) return { tags: tags.slice(0, mostTags), truncated: true }
    query = next
  }
  return { tags: tags.slice(0, mostTags), truncated: tags.length > mostTags }
}

/** Repositories below `path`, without it. Throws `Inconclusive` where the list does not end within the bounds. */
export async function repositoriesUnder(
  place: RegistryPlace,
  path: string,
  signal: AbortSignal,
): Promise<string[]> {
  const found = new Set<string>()
  let query: string | null = `?n=1000&last=${path}`
  for (let page = 0; query !== null; page += 1) {
    const list = { path: `/v2/_catalog${query}`, scope: 'registry:catalog:*', signal }
    const { names, next, cut } = await pageOf(place, list, 'repositories')
    for (const name of names)
      if (name.startsWith(`${path}/`) && isRepository(name)) found.add(name.slice(path.length + 1))
    // Whether a slash sorts before all other characters or as ASCII has it: what comes from here on is another's.
    if (names.some((name) => name >= `${path}0`)) break
    if (cut || page === mostPages) throw new Inconclusive('the registry’s list of repositories has no end')
    query = next
  }
  return [...found]
}

async function pageOf(
  place: RegistryPlace,
  call: { path: string; scope: string; signal: AbortSignal },
  key: 'tags' | 'repositories',
): Promise<Page> {
  const answer = await ask(place, { ...call, maxBytes: pageBytes })
  if (!answer) return { names: [], next: null, cut: false }
  const cut = !answer.complete
  if (cut && answer.body.length < pageBytes)
    throw new Inconclusive(`the answer of ${answer.url.host} broke off`)
  const text = answer.body.toString()
  // A list that was cut ends behind the last name that came whole.
  const whole = cut ? `${text.slice(0, text.lastIndexOf('",') + 1)}]}` : text
  return { names: namesIn(whole, key), next: nextOf(answer.headers['link'] ?? '', answer.url), cut }
}

function namesIn(text: string, key: string): string[] {
  try {
    const names = (JSON.parse(text) as Record<string, unknown>)[key] ?? []
    if (Array.isArray(names)) return names.filter((name) => typeof name === 'string')
  } catch (cause) {
    throw new Inconclusive(`the registry’s list of ${key} is no JSON`, { cause })
  }
  throw new Inconclusive(`the registry’s list of ${key} is no list`)
}

/** Its query alone: a list goes on where it began, whatever the link says. */
function nextOf(link: string, from: URL): string | null {
  const target = /<([^<>]{1,2000})>\s*;\s*rel="?next"?/.exec(link)?.[1]
  if (target === undefined || !URL.canParse(target, from.href)) return null
  const { search } = new URL(target, from)
  return search === '' || search === from.search ? null : search
}
