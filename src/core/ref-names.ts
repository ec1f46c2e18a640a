/** Whether Git takes this as the name of a branch or tag, by the rules of `git check-ref-format`. */
export function isRefName(name: string): boolean {
  if (name.length === 0 || name.length > 200 || name === '@' || name.startsWith('-')) return false
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\//u.test(name)) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether Git takes this as a file's path from the root of a repository, on every system that players may have. */
export function isTreePath(path: string): boolean {
  if (path.length === 0 || path.length > 1000 || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && !/^\.{1,2}$/.test(part) && !isGitFolder(part))
}

/**
 * Whether some file system takes this name for that of the folder `.git`: whatever the case; on NTFS by its short name, with dots and
 * spaces behind it, as a stream of it, or behind a backslash; on HFS+ with code points in it that it ignores. The rules are those of
 * Git's `core.protectNTFS` and `core.protectHFS`.
 */
export function isGitFolder(name: string): boolean {
  return name.split('\\').some((part) => {
    const plain = part.replace(ignoredByHfs, '')
    return /^(\.git|git~1)[. ]*(:.*)?$/is.test(part) || /^\.git$/i.test(plain)
  })
}

/** Whether some file system takes this name for `.gitmodules`, which may be a file and never a link. */
export function isModulesFile(name: string): boolean {
  return name.split('\\').some((part) => {
    const plain = part.replace(ignoredByHfs, '')
    return (
      /^(\.gitmodules|gitmod~[1-4]|gi7e(ba?)?~[1-9]\d*)[. ]*(:.*)?$/is.test(part) ||
      /^\.gitmodules$/i.test(plain)
    )
  })
}

/** `next_hfs_char` of Git names them. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
