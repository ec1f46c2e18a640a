import { join } from 'node:path'
import type { StarterFile } from '../../core/history.ts'
import {
  baseOf,
  imagesFile,
  mostStarterBytes,
  type BuiltImage,
  type ImagesFile,
} from '../../core/starter-images.ts'
import { starterBounds } from '../../core/hunt-bounds.ts'
import { namesIn } from '../../lib/plain-files.ts'
import {
  plainly,
  readDescription,
  readFolder,
  starterBudget,
  StarterFault,
  type StarterValues,
} from './files.ts'
import { foldersOf, packLayer } from './layer.ts'
import { parseYamlFile, type FileFault, type YamlFile } from '../../lib/yaml-file.ts'

type Description = YamlFile<ImagesFile>
type Layer = ImagesFile['images'][number]['layers'][number]

/** `images/images.yaml` or `images.yaml.hbs` with one player's values; null: the challenge has no images. */
export async function readStarterImages(folder: string, values: StarterValues): Promise<Description | null> {
  const images = join(folder, 'images')
  const names = await plainly(images, () => namesIn(folder, images, starterBounds.files))
  if (names === null) return null
  const name = names.find((one) => one === 'images.yaml' || one === 'images.yaml.hbs')
  if (name === undefined) {
    const message = 'this folder needs an images.yaml, or images.yaml.hbs where it holds a player’s values'
    throw new StarterFault([{ file: images, line: 1, column: 1, message }])
  }
  const file = join(images, name)
  const faults: FileFault[] = []
  const read = parseYamlFile(file, await readDescription(images, file, values), imagesFile, faults)
  if (!read) throw new StarterFault(faults)
  return read
}

/**
 * The images that a challenge hands one player, but for what their bases say; empty where it has none. The same values give
 * the same digests. Rejects with a `StarterFault` where its files cannot be used.
 */
export async function buildImages(folder: string, values: StarterValues): Promise<BuiltImage[]> {
  const read = await readStarterImages(folder, values)
  if (!read) return []
  const left = { bytes: mostStarterBytes, files: starterBounds.files }
  const built: BuiltImage[] = []
  for (const [index, image] of read.value.images.entries()) {
    const below = new Set<string>()
    const layers: BuiltImage['layers'][number][] = []
    for (const [number, layer] of image.layers.entries()) {
      const at = { read, path: ['images', index, 'layers', number] as const }
      const files = await filesOf(join(folder, 'images'), layer, values, at)
      left.bytes -= files.reduce((sum, { content }) => sum + content.length, 0)
      if (left.bytes < 0) throw fault(at, [], `all files together are larger than ${mostStarterBytes} bytes`)
      left.files -= files.length
      if (left.files < 0)
        throw fault(at, [], `all layers together have more than ${starterBounds.files} files`)
      if (image.base === undefined) mustBeBelow(layer, below, at)
      for (const { path } of files) for (const one of [...foldersOf(path), path]) below.add(one)
      const isEmpty = files.length === 0 && layer.remove.length === 0
      const blob = isEmpty ? null : await packLayer(files, layer.remove)
      layers.push({ createdBy: layer.createdBy, blob })
    }
    const { repository, tag, config } = image
    built.push({ repository, tag, base: baseOf(image.base ?? ''), layers, config })
  }
  return built
}

interface PlaceInFile {
  read: Description
  path: readonly (string | number)[]
}

async function filesOf(
  images: string,
  { add, write, executable }: Layer,
  values: StarterValues,
  at: PlaceInFile,
): Promise<StarterFile[]> {
  const files = new Map<string, StarterFile>()
  if (add !== undefined)
    for (const file of await readFolder(images, add, values, starterBudget())) files.set(file.path, file)
  for (const [path, text] of Object.entries(write))
    files.set(path, { path, mode: '100644', content: Buffer.from(text) })
  for (const [index, path] of executable.entries()) {
    const file = files.get(path)
    if (!file || file.mode === '120000')
      throw fault(at, ['executable', index], `${path} is no file of this layer`)
    files.set(path, { ...file, mode: '100755' })
  }
  for (const path of files.keys()) {
    if (path.split('/').some((part) => part.startsWith('.wh.')))
      throw fault(at, ['add'], `${path} would delete something: say it with remove`)
    const inside = foldersOf(path).find((one) => files.has(one))
    if (inside !== undefined)
      throw fault(at, ['write'], `${path} lies in ${inside}, which is a file in this layer`)
  }
  return [...files.values()]
}

/** What the layers of a base hold is known only to the registry. */
function mustBeBelow({ remove }: Layer, below: ReadonlySet<string>, at: PlaceInFile): void {
  for (const [index, path] of remove.entries())
    if (!below.has(path)) throw fault(at, ['remove', index], `no layer below has ${path}`)
}

function fault(
  { read, path }: PlaceInFile,
  more: readonly (string | number)[],
  message: string,
): StarterFault {
  return new StarterFault([read.fault([...path, ...more], message)])
}
