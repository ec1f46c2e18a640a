/** Whether Git takes this as the name of a branch or tag, by the rules of `git check-ref-format`. */
export function isRefName(name: string): boolean {
  if (name.length === 0 || name.length > 200 || name === '@' || name.startsWith('-')) return false
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\//u.test(name)) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether Git takes this as a file's path from the root of a repository. */
export function isTreePath(path: string): boolean {
  if (path.length === 0 || path.length > 1000 || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && !/^\.{1,2}$/.test(part) && !/^\.git$/i.test(part))
}
