/**
 * The full name of an image or of a prefix, as container runtimes read it: `busybox` is `docker.io/library/busybox`,
 * `tara/web` is `docker.io/tara/web`. A trailing slash goes: policies match whole path parts.
 */
export function fullImageName(name: string): string {
  const bare = name.replace(/\/+$/, '')
  const slash = bare.indexOf('/')
  const first = slash < 0 ? bare : bare.slice(0, slash)
  if (first === 'index.docker.io') return `docker.io${bare.slice(first.length)}`
  if (isHost(first, slash >= 0)) return bare
  return slash < 0 && !name.endsWith('/') ? `docker.io/library/${bare}` : `docker.io/${bare}`
}

// In a name of one part, a colon starts a tag and a dot belongs to a version or to a registry without a path.
function isHost(first: string, hasPath: boolean): boolean {
  if (first === 'localhost') return true
  return hasPath ? /[.:]/.test(first) : /\./.test(first.split(':')[0] ?? '')
}

/** What a player may run: the own path and `hunt/` of the registry, and what the organizers allow. Sorted, each once. */
export function allowedImages(slug: string, allowed: readonly string[], registry?: string): string[] {
  const own = registry === undefined ? [] : [`${registry}/${slug}`, `${registry}/hunt`]
  return [...new Set([...own, ...allowed].map(fullImageName))].sort()
}
