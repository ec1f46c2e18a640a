import { createHash } from 'node:crypto'
import type { TestRepository } from './repository.ts'

/** Commits that are small to push and large to unfold. */
export const bombNames = ['nested', 'empty', 'wide', 'deep'] as const
export type BombName = (typeof bombNames)[number]

/** Writes a commit whose tree is such a bomb, and moves `ref` there. */
export function plantBomb(
  repository: TestRepository,
  name: BombName,
  { ref = 'refs/heads/main', parents = [] }: { ref?: string; parents?: readonly string[] } = {},
): string {
  const tree = trees[name](repository)
  const args = parents.flatMap((parent) => ['-p', parent])
  const sha = repository.git(['commit-tree', tree, '-m', `A ${name} bomb`, ...args])
  repository.git(['update-ref', ref, sha])
  return sha
}

const trees: Record<BombName, (repository: TestRepository) => string> = {
  // Ten nested trees of ten entries each: ten thousand million files.
  nested: (repository) => nest(repository, `100644 blob ${blob(repository)}`),
  // The same without a single file: there is nothing to tell, and still no end.
  empty: (repository) => nest(repository, `040000 tree ${emptyTree(repository)}`),
  wide: (repository) => {
    const sha = blob(repository)
    const lines = Array.from({ length: 100_000 }, (_, n) => `100644 blob ${sha}\tfile${n}\0`)
    return repository.git(['mktree', '-z'], lines.join(''))
  },
  deep: deepTree,
}

function nest(repository: TestRepository, leaf: string): string {
  let line = leaf
  let tree = ''
  for (let depth = 0; depth < 10; depth += 1) {
    const lines = Array.from({ length: 10 }, (_, n) => `${line}\td${n}\0`)
    tree = repository.git(['mktree', '-z'], lines.join(''))
    line = `040000 tree ${tree}`
  }
  return tree
}

/** Ten thousand folders, each in the one before. One process makes all: their ids are known beforehand. */
function deepTree(repository: TestRepository): string {
  const lines: string[] = []
  let [mode, type, sha] = ['100644', 'blob', blob(repository)]
  for (let depth = 0; depth < 10_000; depth += 1) {
    lines.push(`${mode} ${type} ${sha}\td\n\n`)
    const entry = Buffer.concat([Buffer.from(`${mode.replace(/^0/, '')} d\0`), Buffer.from(sha, 'hex')])
    sha = createHash('sha1').update(`tree ${entry.length}\0`).update(entry).digest('hex')
    ;[mode, type] = ['040000', 'tree']
  }
  repository.git(['mktree', '--batch', '--missing'], lines.join(''))
  return sha
}

function blob(repository: TestRepository): string {
  return repository.git(['hash-object', '-w', '--stdin'], 'x')
}

function emptyTree(repository: TestRepository): string {
  return repository.git(['hash-object', '-t', 'tree', '-w', '--stdin'], '')
}
