import type { GitLogin, RepositoryAccess, RepositoryRef } from './types.ts'

/** Whoever speaks Git to this server gives the slug and one of their tokens. */
export function loginOf(slug: string): GitLogin {
  return { username: slug, password: 'your token' }
}

/** Repositories lie below `/git` of the address by which the player reached this server. */
export function accessTo({ slug, name }: RepositoryRef, origin: string): RepositoryAccess {
  const below = (root: string) => `${root}/git/${slug}/${name}.git`
  const login = loginOf(slug)
  const named = origin.replace('://', `://${login.username}@`)
  return { ...login, url: below(origin), cloneUrl: below(named) }
}
