import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import type { StarterFile } from '../../core/history.ts'
import { starterEngine } from './templates.ts'
import type { FileFault } from '../../lib/yaml-file.ts'

export interface StarterValues {
  params: Readonly<Record<string, string | number>>
  player: { slug: string; name: string }
  hunt: { images: string }
  registry: { host: string; path: string }
}

/** What is wrong with a starter's files, each with its place. */
export class StarterFault extends Error {
  override name = 'StarterFault'
  constructor(readonly faults: readonly FileFault[]) {
    super(faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  }
}

/** The files of a folder below `starter`, by their paths in it. Rejects with a `StarterFault` where it leads elsewhere. */
export async function readFolder(
  starter: string,
  path: string,
  values: StarterValues,
): Promise<StarterFile[]> {
  const full = normalize(join(starter, path))
  const found = await lstat(full).catch(() => null)
  if (!found?.isDirectory() || !full.startsWith(starter + sep))
    throw faultIn(full, `there is no folder ${path} in the starter`)
  await mustBeInside(starter, full)
  return await readTree(full, values)
}

/** Links may lead a path elsewhere on the machine, whose files are no player's. */
export async function mustBeInside(root: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([realpath(root), realpath(path)])
  if (!to.startsWith(from + sep)) throw faultIn(path, `this leaves ${root}`)
}

export function faultIn(file: string, message: string): StarterFault {
  return new StarterFault([{ file, line: 1, column: 1, message }])
}

/** A link is kept as a link, and may point only to what is in the starter too. */
async function linkInside(root: string, link: string): Promise<Buffer> {
  const target = await readlink(link)
  const way = relative(root, resolve(dirname(link), target))
  if (isAbsolute(target) || way === '..' || way.startsWith(`..${sep}`))
    throw faultIn(link, `this link leaves the starter's folder: ${target}`)
  return Buffer.from(target)
}

export async function readTree(root: string, values: StarterValues, below = ''): Promise<StarterFile[]> {
  const names = (await readdir(join(root, below))).sort()
  const files: StarterFile[] = []
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`
    const full = join(root, path)
    const stat = await lstat(full)
    if (name.toLowerCase() === '.git') throw faultIn(full, 'Git takes no file with this name')
    if (stat.isDirectory()) files.push(...(await readTree(root, values, path)))
    else if (stat.isSymbolicLink())
      files.push({ path, mode: '120000', content: await linkInside(root, full) })
    else if (stat.isFile())
      files.push(await readOne(full, path, (stat.mode & 0o100) === 0 ? '100644' : '100755', values))
    else throw faultIn(full, 'this is neither a file nor a link')
  }
  return files
}

async function readOne(
  full: string,
  path: string,
  mode: StarterFile['mode'],
  values: StarterValues,
): Promise<StarterFile> {
  const content = await readFile(full)
  if (!path.endsWith('.hbs')) return { path, mode, content }
  return {
    path: path.slice(0, -4),
    mode,
    content: Buffer.from(rendered(full, content.toString('utf8'), values)),
  }
}

export function rendered(file: string, template: string, values: StarterValues): string {
  try {
    return starterEngine.render(template, values)
  } catch (error) {
    const lines = (error as Error).message.split('\n')
    const [, line = '1'] = / - (\d+):\d+$|on line (\d+)/.exec(lines[0] ?? '')?.filter(Boolean) ?? []
    const message = `this template cannot be rendered: ${lines.join(' ')}`
    throw new StarterFault([{ file, line: Number(line), column: 1, message }])
  }
}
