/**
 * A prefix of images in full, as container runtimes read names: `busybox` is `docker.io/library/busybox`, `tara/` is
 * `docker.io/tara`. Trailing slashes go, since policies match whole path parts.
 */
export function fullPrefixes(prefix: string): string[] {
  const bare = prefix.replace(/\/+$/, '').replace(/^index\.docker\.io(?=\/|$)/, 'docker.io')
  const [first = '', ...rest] = bare.split('/')
  const path = rest.length > 0 || prefix.endsWith('/')
  // Of Docker Hub, one name alone is both an official image and somebody's path.
  if (first === 'docker.io') return rest.length === 1 ? [bare, `docker.io/library/${rest.join('/')}`] : [bare]
  if (isHost(first, path)) return [bare]
  return [path ? `docker.io/${bare}` : `docker.io/library/${bare}`]
}

// In a name of one part, a colon starts a tag, and a dot before it belongs to a registry that is allowed as a whole.
function isHost(first: string, path: boolean): boolean {
  return first === 'localhost' || (path ? /[.:]/ : /^[^:]*\./).test(first)
}

/** What a player may run: the own path and `hunt/` of the registry, and what the organizers allow. Sorted, each once. */
export function allowedImages(slug: string, allowed: readonly string[], registry?: string): string[] {
  const own = registry === undefined ? [] : [`${registry}/${slug}/`, `${registry}/hunt/`]
  return [...new Set([...own, ...allowed].flatMap(fullPrefixes))].sort()
}
