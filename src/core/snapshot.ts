/** What a repository's refs name at one instant. Hidden refs (`refs/shambhala/…`) are never among them. */
export interface Snapshot {
  /** Branch that HEAD names, such as `refs/heads/main`. */
  head: string
  /** Full ref name to object id (of the tag object where a tag is annotated). */
  refs: Readonly<Record<string, string>>
}
