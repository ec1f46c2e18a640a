import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import type { StarterFile } from '../../core/history.ts'
import { fileMs, huntBounds, starterBounds } from '../../core/hunt-bounds.ts'
import { isModulesFile, isTreePath } from '../../core/ref-names.ts'
import { namesIn, NotPlain, readPlain } from '../../lib/plain-files.ts'
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
  left: StarterBudget,
): Promise<StarterFile[]> {
  const full = normalize(join(starter, path))
  const found = await lstat(full).catch(() => null)
  if (!found?.isDirectory() || !full.startsWith(starter + sep))
    throw faultIn(full, `there is no folder ${path} in the starter`)
  await mustBeInside(starter, full)
  return await readTree(full, values, left)
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

/** What may still be read of a starter. */
export interface StarterBudget {
  files: number
  bytes: number
  /** For rendering. */
  milliseconds: number
}

export function starterBudget(): StarterBudget {
  return { files: starterBounds.files, bytes: starterBounds.bytes, milliseconds: fileMs }
}

export async function readTree(
  root: string,
  values: StarterValues,
  left: StarterBudget,
  below = '',
): Promise<StarterFile[]> {
  const folder = join(root, below)
  const names = (await plainly(folder, () => namesIn(root, folder, starterBounds.files))) ?? []
  if (below.split('/').length > starterBounds.depth)
    throw faultIn(folder, `folders lie more than ${starterBounds.depth} deep in each other here`)
  left.files -= names.length
  if (left.files < 0) throw faultIn(folder, `a starter has more than ${starterBounds.files} files`)
  const files: StarterFile[] = []
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`
    const full = join(root, path)
    const stat = await lstat(full).catch(() => null)
    if (!isTreePath(laidPath(path))) throw faultIn(full, 'Git takes no file with this name')
    if (stat?.isDirectory()) files.push(...(await readTree(root, values, left, path)))
    else if (stat?.isSymbolicLink()) files.push(await readLink(root, path))
    else if (stat?.isFile())
      files.push(await readOne(root, path, (stat.mode & 0o100) === 0 ? '100644' : '100755', { values, left }))
    else throw faultIn(full, 'this is neither a file nor a link')
  }
  return files
}

async function readLink(root: string, path: string): Promise<StarterFile> {
  const full = join(root, path)
  if (path.split('/').some(isModulesFile)) throw faultIn(full, 'Git takes no link with this name')
  return { path, mode: '120000', content: await linkInside(root, full) }
}

/** Where a file lies in the end. */
function laidPath(path: string): string {
  return path.endsWith('.hbs') ? path.slice(0, -4) : path
}

async function readOne(
  root: string,
  path: string,
  mode: StarterFile['mode'],
  { values, left }: { values: StarterValues; left: StarterBudget },
): Promise<StarterFile> {
  const full = join(root, path)
  const content = (await plainly(full, () => readPlain(root, full, left.bytes))) ?? Buffer.alloc(0)
  const laid = laidPath(path)
  const began = performance.now()
  const render = () => Buffer.from(rendered(full, content.toString('utf8'), values, left.milliseconds))
  const made = laid === path ? content : render()
  left.milliseconds = Math.max(1, left.milliseconds - Math.floor(performance.now() - began))
  left.bytes -= Math.max(content.length, made.length)
  if (left.bytes < 0) throw faultIn(full, `a starter has more than ${starterBounds.bytes} bytes`)
  return { path: laid, mode, content: made }
}

/** The text of a file that describes what is handed out, with one player's values where its name ends in .hbs. */
export async function readDescription(root: string, file: string, values: StarterValues): Promise<string> {
  const bytes = await plainly(file, () => readPlain(root, file, huntBounds.yamlBytes))
  const text = bytes?.toString('utf8') ?? ''
  return file.endsWith('.hbs') ? rendered(file, text, values) : text
}

/** What is no plain file or folder is a fault of the starter, at its place. */
export async function plainly<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NotPlain) throw faultIn(file, error.message)
    throw error
  }
}

function rendered(file: string, template: string, values: StarterValues, milliseconds = fileMs): string {
  try {
    return starterEngine.render(template, values, milliseconds)
  } catch (error) {
    const lines = (error as Error).message.split('\n')
    const [, line = '1'] = / - (\d+):\d+$|on line (\d+)/.exec(lines[0] ?? '')?.filter(Boolean) ?? []
    const message = `this template cannot be rendered: ${lines.join(' ')}`
    throw new StarterFault([{ file, line: Number(line), column: 1, message }])
  }
}
