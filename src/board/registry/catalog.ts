import { isRepository } from '../../core/image-names.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { ask, type RegistryPlace } from './client.ts'

const perPage = 1000
const mostPages = 20
const pageBytes = perPage * 260

/** Full names of all repositories. Throws `Inconclusive` where there are more than 20 000. */
export async function allRepositories(place: RegistryPlace, signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>()
  let last = ''
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/v2/_catalog?n=${perPage}&last=${encodeURIComponent(last)}`
    const answer = await ask(place, { path, scope: 'registry:catalog:*', maxBytes: pageBytes, signal })
    const names = answer?.complete ? namesIn(answer.body) : []
    for (const name of names) if (isRepository(name)) found.add(name)
    const next = names.at(-1)
    if (next === undefined || next === last) return [...found]
    last = next
  }
  throw new Inconclusive('the registry’s list of repositories has no end')
}

function namesIn(body: Buffer): string[] {
  const { repositories } = JSON.parse(body.toString()) as { repositories: unknown[] | null }
  return (repositories ?? []).filter((name) => typeof name === 'string')
}
