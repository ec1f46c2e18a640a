import { z } from 'zod'

const person = z.strictObject({ name: z.string().min(1).max(100), email: z.string().min(1).max(200) })
const date = z.iso.datetime({ offset: true })
const commitId = z.string().min(1).max(60)

/**
 * `starter/history.yaml` (or `history.yaml.hbs`): a described history. A commit starts from its first parent's tree,
 * or from the folder `files` alone when that is given; then `add` lays a folder over it, `write` sets single files,
 * `remove` deletes paths. Folders are named relative to `starter/`.
 */
export const historyFile = z.strictObject({
  commits: z
    .array(
      z.strictObject({
        id: commitId,
        parents: z.array(commitId).max(8).default([]),
        author: person.optional(),
        committer: person.optional(),
        date,
        message: z.string().min(1),
        files: z.string().optional(),
        add: z.string().optional(),
        write: z.record(z.string(), z.string()).default({}),
        remove: z.array(z.string()).default([]),
      }),
    )
    .min(1)
    .max(5000),
  /** Author of commits that name none. */
  author: person.default({ name: 'The Hunt', email: 'hunt@shambhala.invalid' }),
  branches: z.record(z.string(), commitId),
  /** Branch that HEAD names. */
  head: z.string().default('main'),
  /** With a message the tag is annotated, else light. */
  tags: z
    .array(
      z.strictObject({
        name: z.string(),
        at: commitId,
        message: z.string().optional(),
        tagger: person.optional(),
        date: date.optional(),
      }),
    )
    .default([]),
  notes: z
    .array(
      z.strictObject({ at: commitId, message: z.string(), ref: z.string().default('refs/notes/commits') }),
    )
    .default([]),
})
export type HistoryFile = z.infer<typeof historyFile>

export interface Person {
  name: string
  email: string
}

/** A file of a starter, with the player's values already rendered. `mode`: 100644, 100755 or 120000. */
export interface StarterFile {
  path: string
  mode: '100644' | '100755' | '120000'
  content: Buffer
}

/** A history ready for `git fast-import`: the same input gives the same object ids, byte for byte. */
export interface StarterHistory {
  /** Parents first. `files` is the whole tree that the commit leaves. */
  commits: readonly {
    id: string
    parents: readonly string[]
    author: Person
    committer: Person
    /** RFC 3339 with offset; the offset is kept in the commit. */
    date: string
    message: string
    files: readonly StarterFile[]
  }[]
  branches: Readonly<Record<string, string>>
  head: string
  tags: readonly { name: string; at: string; message?: string; tagger: Person; date: string }[]
  notes: readonly { at: string; message: string; ref: string; author: Person; date: string }[]
}
