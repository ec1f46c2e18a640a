import { isRepository } from '../../core/image-names.ts'
import type { Access, Caller, Withheld } from './types.ts'

/** A client that copies asks for two repositories; whoever asks for many more wants to keep us busy. */
const mostScopes = 50
const repositoryActions = ['pull', 'push', 'delete']

/**
 * `scope` parameters, each of which may hold several scopes: `type:name:action,action`. The name may hold a colon itself; the
 * deprecated class in `type(class)` says nothing. What is no scope is left out.
 */
export function readScopes(texts: readonly string[]): Access[] {
  const scopes = texts.flatMap((text) => text.split(' ', mostScopes)).filter((text) => text !== '')
  const merged = new Map<string, Access>()
  for (const scope of scopes.slice(0, mostScopes)) {
    const first = scope.indexOf(':')
    const last = scope.lastIndexOf(':')
    if (first < 1 || first === last) continue
    const type = scope.slice(0, first).replace(/\([a-z0-9]*\)$/, '')
    const name = scope.slice(first + 1, last)
    const actions = scope.slice(last + 1).split(',')
    const known = merged.get(`${type}:${name}`)
    merged.set(`${type}:${name}`, {
      type,
      name,
      actions: [...new Set([...(known?.actions ?? []), ...actions])],
    })
  }
  return [...merged.values()]
}

/** What of the asked a caller may, and what was asked for and withheld that changes something. `full`: no more pushes. */
export function grant(
  caller: Caller,
  asked: readonly Access[],
  { full = false } = {},
): { access: Access[]; withheld: Withheld[] } {
  const access: Access[] = []
  const withheld: Withheld[] = []
  for (const { type, name, actions } of asked) {
    const wanted = type === 'repository' ? expanded(actions) : actions
    const may = allowed(caller, type, name)
    const given = wanted.filter((action) => may.includes(action) && !(full && action === 'push'))
    if (given.length > 0) access.push({ type, name, actions: given })
    const changes = actions.includes('push') || actions.includes('delete')
    if (changes && isRepository(name) && wanted.some((action) => !given.includes(action)))
      withheld.push({ repository: name, why: may.includes('push') ? 'storage' : 'path' })
  }
  return { access, withheld }
}

function expanded(actions: readonly string[]): readonly string[] {
  return actions.includes('*') ? repositoryActions : actions
}

function allowed(caller: Caller, type: string, name: string): readonly string[] {
  if (type === 'registry') return caller.kind === 'master' && name === 'catalog' ? ['*'] : []
  if (type !== 'repository' || !isRepository(name)) return []
  if (caller.kind === 'master') return repositoryActions
  if (name.startsWith('hunt/')) return ['pull']
  if (!name.startsWith(`${caller.slug}/`)) return []
  return caller.kind === 'player' ? repositoryActions : ['pull']
}
