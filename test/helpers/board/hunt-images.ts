import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Loaded, Registry } from '../../../src/board/registry/types.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { architecture, busyboxEntries } from './images.ts'
import { imageOf, writeLayout, type Layout } from './layout.ts'
import { busyboxPath } from './node-parts.ts'
import { tool } from './tools.ts'

/** The images that the hunt hands out, by the names that they have below `hunt/`. */
export const huntImages = {
  'hearth:1.0': hearth,
  'village:1.0.0': village,
} as const
export type HuntImage = keyof typeof huntImages

/** What players build on: a shell and its tools. Without labels and a user, since images inherit both. */
async function hearth(): Promise<Layout> {
  const users = ['root:x:0:0:root:/:/bin/sh', 'player:x:65532:65532:player:/tmp:/bin/sh']
  const layer = [
    { name: 'etc/passwd', content: `${users.join('\n')}\n` },
    { name: 'tmp', type: 'directory' as const, mode: 0o1777 },
    ...(await busyboxEntries(busyboxPath())).filter(({ name }) => name !== 'bin/wget'),
    {
      name: 'bin/wget',
      mode: 0o755,
      content: await readFile(join(packageRoot(), 'images', 'hearth', 'wget')),
    },
  ]
  return {
    architecture,
    layers: [layer],
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    more: told('COPY bin /bin'),
  }
}

/** As tools/village/Dockerfile makes it. */
async function village(): Promise<Layout> {
  const program = { name: 'village', mode: 0o755, content: await readFile(tool('village')) }
  return {
    architecture,
    layers: [[program]],
    config: { User: '65532:65532', Entrypoint: ['/village'] },
    more: told('COPY village /village'),
  }
}

/** Builders count steps against layers, and refuse to build on an image whose history lacks one. */
function told(step: string) {
  return { history: [{ created: '1970-01-01T00:00:00Z', created_by: step }] }
}

/** Builds one as a folder in the OCI layout, always the same from the same programs. */
export async function writeHuntImage(folder: string, name: HuntImage): Promise<void> {
  const { manifest, config, layers } = await imageOf(await huntImages[name]())
  await writeLayout(folder, manifest, [config, ...layers])
}

/** Builds all of them, or those that are named, and puts them below `hunt/`. */
export async function loadHuntImages(
  registry: Registry,
  names = Object.keys(huntImages) as HuntImage[],
): Promise<Loaded[]> {
  const loaded: Loaded[] = []
  for (const name of names) {
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-hunt-image-'))
    try {
      await writeHuntImage(folder, name)
      loaded.push(...(await registry.load(folder, name)))
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  return loaded
}
