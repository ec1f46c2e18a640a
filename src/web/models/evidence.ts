/** `/evidence/:repository/:sha` */
export interface CommitPage {
  repository: string
  sha: string
  parents: readonly { sha: string; href: string }[]
  author: { name: string; email: string; date: string }
  message: string
  /** `status`: A, M, D, T as Git says; no link for what was deleted. */
  files: readonly { status: string; path: string; href: string | null }[]
  more: boolean
  /** Too many to be found out; `files` is empty then. */
  tooMany: boolean
  /** Its files were let go: only what is here was kept. */
  gone: boolean
}

/** `/evidence/:repository/:sha/file?path=` */
export interface FilePage {
  repository: string
  sha: string
  path: string
  size: number
  /** null where it is binary or too large to show. */
  text: string | null
  commitHref: string
}
