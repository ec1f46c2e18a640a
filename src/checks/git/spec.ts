import { z } from 'zod'
import { compilePattern } from './pattern.ts'

const path = z
  .string()
  .min(1)
  .max(1000)

  .refine(isInside, 'a path from the root of the repository, such as docs/map.txt')
  .describe('Path from the root of the repository, such as docs/map.txt.')
const revision = z.string().min(1).max(200)
const pattern = z
  .string()
  .min(1)
  .max(500)
  .refine(compiles, 'a pattern in RE2 syntax, such as AKIA[0-9A-Z]{16}')

function isInside(one: string): boolean {
  return !one.startsWith('/') && !one.split('/').includes('..')
}

/** Patterns with templates can only be compiled once a player's values are known. */
function compiles(source: string): boolean {
  if (source.includes('{{')) return true
  try {
    compilePattern(source)
    return true
  } catch {
    return false
  }
}

/** Whatever costs more than reading one log and one tree is looked at only when it is asked for here. */
export const gitSpec = z.strictObject({
  repository: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe('Which of the player’s repositories; the challenge’s own when not said.'),
  ref: revision
    .optional()
    .describe(
      'Branch (`main`), tag, or full ref that is looked at; the branch that HEAD names when not said.',
    ),
  commits: z
    .int()
    .min(1)
    .max(2000)
    .default(200)
    .describe('How many commits, newest first, `commits`, `merges` and `linear` cover.'),
  above: revision
    .optional()
    .describe(
      'Only commits that this one does not reach are looked at, as in `main..bridge`; named as in `ancestors`.',
    ),
  paths: z
    .boolean()
    .default(false)
    .describe(
      'Also read which paths each commit changed against its first parent: `commits[].paths`, else null.',
    ),
  files: z
    .array(path)
    .max(200)
    .optional()
    .describe('Only these files (or folders) are reported; without it all files, at most 5 000.'),
  text: z
    .array(path)
    .max(50)
    .default([])
    .describe('Files whose content is read as text, at most 256 KiB each.'),
  data: z
    .array(path)
    .max(50)
    .default([])
    .describe('Files (.json, .yaml, .yml) whose content is parsed, at most 64 KiB each.'),
  history: z
    .array(pattern)
    .max(20)
    .default([])
    .describe(
      'RE2 patterns searched in every file content, commit message and tag message that any ref still reaches; plain text is searched fastest.',
    ),
  ignored: z
    .array(path)
    .max(200)
    .default([])
    .describe(
      'Paths of which is asked whether the .gitignore files at the ref exclude them; a folder ends with a slash.',
    ),
  attributes: z
    .array(path)
    .max(200)
    .default([])
    .describe('Paths whose attributes are read from the .gitattributes files at the ref.'),
  ancestors: z
    .record(z.string().min(1).max(40), z.tuple([revision, revision]))
    .default({})
    .describe(
      'Named pairs [ancestor, descendant]: branch, tag, full ref, object id, HEAD, or starter:<ref> for the ref as it was given out; ~n and ^n may follow.',
    ),
  conflicts: z
    .boolean()
    .default(false)
    .describe('Also look for conflict markers that were left in files at the ref.'),
})
export type GitSpec = z.output<typeof gitSpec>

const text = z.string()
const person = z.object({
  name: text,
  email: text,
  date: text.describe('RFC 3339 with offset; empty when the date lies outside the years 0 to 9999.'),
})

export const gitFacts = z.object({
  found: z.boolean().describe('The repository is there and the ref names a commit.'),
  head: text.describe('Commit that the ref names, 40 or 64 hexadecimal digits.'),
  branch: text.describe('Short name of the ref that is looked at.'),
  branches: z.record(text, text).describe('Commit of each branch.'),
  tags: z.record(
    text,
    z.object({
      sha: text.describe('The tag object where it is annotated, else the commit.'),
      target: text.describe('What it finally names.'),
      annotated: z.boolean(),
      message: text,
      tagger: person.nullable(),
    }),
  ),
  notes: z.record(text, text).describe('Text of `git notes` for each commit that has one.'),
  commits: z
    .array(
      z.object({
        sha: text,
        parents: z.array(text),
        author: person,
        committer: person,
        subject: text,
        body: text,
        trailers: z.record(text, z.array(text)),
        paths: z.array(text).nullable().describe('Changed paths, when `paths: true` asks for them.'),
      }),
    )
    .describe('Newest first.'),
  complete: z.boolean().describe('`commits` goes back to the very first commit.'),
  merges: z.int().describe('How many of `commits` have more than one parent.'),
  linear: z.boolean().describe('None of `commits` has more than one parent.'),
  ancestors: z.record(text, z.boolean()),
  files: z.record(
    text,
    z.object({
      mode: text.describe('100644, 100755 (executable), 120000 (symbolic link) or 160000 (submodule).'),
      size: z.int().describe('Bytes; 0 for a submodule.'),
      sha: text,
      symlink: text.nullable().describe('Target of a symbolic link; it is never followed.'),
    }),
  ),
  text: z
    .record(text, text)
    .describe(
      'Content of the files that `text` names and that exist: UTF-16 where its byte order mark says so, else UTF-8.',
    ),
  data: z
    .record(text, z.unknown())
    .describe(
      'Parsed content of the files that `data` names and that exist; a list where YAML holds several documents.',
    ),
  history: z
    .record(
      text,
      z.array(
        z.object({
          sha: text.describe('A commit (or tag) in which it stands.'),
          path: text.describe('The file; empty when it stands in a message.'),
        }),
      ),
    )
    .describe('For each pattern where it is found, empty when it is gone.'),
  ignored: z.record(text, z.boolean()),
  attributes: z
    .record(text, z.record(text, text))
    .describe('`set`, `unset` or a value, for each attribute that is specified.'),
  submodules: z.record(text, z.object({ url: text, sha: text })),
  signed: text
    .nullable()
    .describe('Kind of the signature on head, unverified: openpgp, ssh, x509 or unknown.'),
  conflicts: z
    .array(text)
    .nullable()
    .describe('Files with conflict markers, when `conflicts: true` asks for them.'),
  identical: z.boolean().describe('The files at the ref are exactly those that the starter gave its branch.'),
})
export type GitFacts = z.output<typeof gitFacts>
export type Person = z.output<typeof person>

/** What is seen where nothing is: every fact in its empty form. */
export function nothingThere(branch: string): GitFacts {
  return {
    found: false,
    head: '',
    branch,
    branches: {},
    tags: {},
    notes: {},
    commits: [],
    complete: true,
    merges: 0,
    linear: true,
    ancestors: {},
    files: {},
    text: {},
    data: {},
    history: {},
    ignored: {},
    attributes: {},
    submodules: {},
    signed: null,
    conflicts: null,
    identical: false,
  }
}
