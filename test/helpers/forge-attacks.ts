import { execFile, execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tara, type Ran, type TestForge } from './forge.ts'
import { makeRepository, type TestRepository } from './repository.ts'

export const asTara = `Basic ${Buffer.from(`${tara.slug}:secret`).toString('base64')}`

/** Posts a file and gives what curl tells of the exchange. */
export function curl(
  { port }: TestForge,
  service: string,
  file: string,
  user: string,
  headers: readonly string[],
): Promise<string> {
  const url = `http://127.0.0.1:${port}/git/tara/torn-map.git/${service}`
  const args = [
    '-sv',
    '-u',
    user,
    ...headers.flatMap((header) => ['-H', header]),
    '--data-binary',
    `@${file}`,
    url,
  ]
  return new Promise((resolve) => {
    execFile('curl', args, { encoding: 'latin1' }, (_error, out, err) => resolve(`${err}\n${out}`))
  })
}

/** What the server says to the body of a push that no client would send. */
export async function post(test: TestForge, body: Buffer): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${test.port}/git/tara/torn-map.git/git-receive-pack`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { Authorization: asTara, 'Content-Type': 'application/x-git-receive-pack-request' },
  })
  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

export function push(test: TestForge, clone: string, ...args: string[]): Promise<Ran> {
  return test.client.git(['push', 'origin', ...args], { cwd: clone })
}

/** What killed or refused pushes could leave in the repository. */
export function leftOf(test: TestForge): string[] {
  return readdirSync(join(test.gitDir, 'objects')).filter((name) => name.startsWith('tmp_'))
}

/** A repository with a branch of one file of 30 MiB of zeros and one of 1.5 GiB; each packs to a thousandth. */
export function makeBombs(): TestRepository {
  const bombs = makeRepository()
  const one = (name: string, size: number) =>
    `printf 'commit refs/heads/${name}\ncommitter T <t@example.org> 1 +0000\ndata 1\nx\nM 100644 inline void\ndata ${size * 2 ** 20}\n'; head -c ${size}M /dev/zero; echo`
  const git = 'git -c core.compression=1 -c fastimport.unpackLimit=0 fast-import --quiet'
  execFileSync('/bin/sh', ['-c', `{ ${one('small', 30)}; ${one('big', 1536)}; } | ${git}`], {
    cwd: bombs.dir,
  })
  return bombs
}

export interface Evil {
  sha: string
  repository: TestRepository
}

/** A commit whose only tree entry has a name that git itself would not write. */
export function evilTree(mode: string, name: string): Evil {
  const repository = makeRepository()
  const blob = repository.git(['hash-object', '-w', '--stdin'], 'x')
  const entry = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(blob, 'hex')])
  const tree = repository.git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], entry)
  const sha = repository.git(['commit-tree', '-m', 'evil', tree])
  return { sha, repository }
}

export function evilModules(text: string): Evil {
  const repository = makeRepository()
  const sha = repository.commit({ '.gitmodules': text })
  return { sha, repository }
}

/** Pushes one of the bombs, `small` or `big`. */
export function throwBomb(test: TestForge, bombs: TestRepository, name: string): Promise<Ran> {
  return test.client.git(['--git-dir', bombs.dir, 'push', test.url(), `refs/heads/${name}:refs/heads/bomb`])
}
