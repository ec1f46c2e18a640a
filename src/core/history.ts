import { z } from 'zod'
import { isRefName, isTreePath } from './ref-names.ts'

const person = z.strictObject({ name: z.string().min(1).max(100), email: z.string().min(1).max(200) })
const date = z.iso.datetime({
  offset: true,
  error: 'a time with its offset, such as 2021-03-01T09:00:00+01:00',
})
const commitId = z.string().min(1).max(60)
const refName = z.string().refine(isRefName, 'a name that Git takes, such as main or feature/bell')
const path = z.string().refine(isTreePath, 'a path from the root of the repository, such as docs/map.txt')
const folder = z.string().min(1)

/**
 * `starter/history.yaml` (or `history.yaml.hbs`): a described history. A commit starts from its first parent's tree,
 * or from the folder `files` alone when that is given; then `add` lays a folder over it, `write` sets single files,
 * `remove` deletes paths. Folders are named relative to `starter/`.
 */
export const historyFile = z
  .strictObject({
    commits: z
      .array(
        z.strictObject({
          id: commitId,
          parents: z.array(commitId).max(8).default([]),
          author: person.optional(),
          committer: person.optional(),
          date,
          message: z.string().min(1),
          files: folder.optional(),
          add: folder.optional(),
          write: z.record(path, z.string()).default({}),
          remove: z.array(path).default([]),
        }),
      )
      .min(1)
      .max(5000),
    /** Author of commits that name none. */
    author: person.default({ name: 'The Hunt', email: 'hunt@shambhala.invalid' }),
    branches: z
      .record(refName, commitId)
      .refine((branches) => Object.keys(branches).length <= 500, 'at most 500 branches'),
    /** Branch that HEAD names. */
    head: refName.default('main'),
    /** With a message the tag is annotated, else light. */
    tags: z
      .array(
        z.strictObject({
          name: refName,
          at: commitId,
          message: z.string().optional(),
          tagger: person.optional(),
          date: date.optional(),
        }),
      )
      .max(2000)
      .default([]),
    notes: z
      .array(
        z.strictObject({
          at: commitId,
          message: z.string(),
          ref: z
            .string()
            .startsWith('refs/notes/')
            .refine(isRefName, 'a name such as refs/notes/commits')
            .default('refs/notes/commits'),
        }),
      )
      .max(2000)
      .default([]),
  })
  .superRefine((history, context) => {
    for (const { at, message } of danglingIn(history)) context.addIssue({ code: 'custom', path: at, message })
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

interface Dangling {
  at: (string | number)[]
  message: string
}

/** Whatever names a commit, a branch or a path that is not there (yet). */
function danglingIn(history: {
  commits: readonly { id: string; parents: readonly string[] }[]
  branches: Readonly<Record<string, string>>
  head: string
  tags: readonly { name: string; at: string }[]
  notes: readonly { at: string }[]
}): Dangling[] {
  const found: Dangling[] = []
  const known = new Set<string>()
  const mustBeKnown = (id: string, at: Dangling['at']) => {
    if (!known.has(id))
      found.push({ at, message: `commit ${JSON.stringify(id)} is named before it is described` })
  }
  for (const [index, { id, parents }] of history.commits.entries()) {
    for (const [place, parent] of parents.entries()) mustBeKnown(parent, ['commits', index, 'parents', place])
    if (known.has(id))
      found.push({ at: ['commits', index, 'id'], message: `two commits have the id ${JSON.stringify(id)}` })
    known.add(id)
  }
  for (const [name, id] of Object.entries(history.branches)) mustBeKnown(id, ['branches', name])
  for (const [index, { at }] of history.tags.entries()) mustBeKnown(at, ['tags', index, 'at'])
  for (const [index, { at }] of history.notes.entries()) mustBeKnown(at, ['notes', index, 'at'])
  const tags = history.tags.map((tag) => tag.name)
  const seen = new Set<string>()
  for (const [index, name] of tags.entries()) {
    if (seen.has(name)) found.push({ at: ['tags', index, 'name'], message: `two tags have the name ${name}` })
    seen.add(name)
  }
  if (!Object.hasOwn(history.branches, history.head)) {
    const names = Object.keys(history.branches).join(', ') || 'none'
    found.push({
      at: ['head'],
      message: `HEAD names the branch ${history.head}, which is not there; there are: ${names}`,
    })
  }
  return found
}
