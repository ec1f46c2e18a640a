import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { run } from './run.ts'

const index = z.object({ manifests: z.tuple([z.object({ digest: z.string() })]) })
const manifest = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
})
const config = z.object({
  config: z.object({
    User: z.string().default(''),
    Entrypoint: z.array(z.string()).optional(),
    Env: z.array(z.string()),
    Labels: z.record(z.string(), z.string()).default({}),
    Volumes: z.record(z.string(), z.unknown()).optional(),
  }),
  history: z.array(z.object({ created_by: z.string().optional() })),
})

export interface Layout {
  config: z.infer<typeof config>['config']
  history: string[]
  /** Of all layers, unpacked, in bytes. */
  size: number
  /** Every entry of every layer, as `tar` lists it: mode, owner, size, date, path. */
  entries: Entry[]
}

export interface Entry {
  mode: string
  owner: string
  /** Without a slash at its beginning or its end. */
  path: string
}

/** Reads the only image of an OCI layout. */
export async function readLayout(folder: string): Promise<Layout> {
  const blob = (digest: string) => join(folder, 'blobs', ...digest.split(':'))
  const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
  const [{ digest }] = index.parse(await json(join(folder, 'index.json'))).manifests
  const { layers, config: configBlob } = manifest.parse(await json(blob(digest)))
  const image = config.parse(await json(blob(configBlob.digest)))
  let size = 0
  const entries: Entry[] = []
  for (const layer of layers) {
    const path = blob(layer.digest)
    size += Number(await run('sh', ['-c', 'gzip -dc "$1" | wc -c', 'sh', path]))
    const listed = await run('tar', ['--list', '--verbose', '--numeric-owner', '--gzip', '--file', path])
    entries.push(...listed.trimEnd().split('\n').map(entryOf))
  }
  return { config: image.config, history: image.history.map((one) => one.created_by ?? ''), size, entries }
}

function entryOf(line: string): Entry {
  const [, mode = '', owner = '', path = ''] =
    /^(\S+) +(\S+) +\S+ +\S+ +\S+ (.*?)(?: -> .*| link to .*)?$/.exec(line) ?? []
  return { mode, owner, path: path.replace(/^\.?\/|\/$/g, '') }
}

/** Puts the image of an OCI layout, as `repository:tag` with the tag that it has there, where pods of the node find it. */
export async function loadLayout(
  node: { dir: string; socket: string },
  folder: string,
  repository: string,
): Promise<void> {
  const archive = join(node.dir, `${repository.replace(/[^a-z0-9]+/g, '-')}.tar`)
  await run('tar', ['--create', '--file', archive, '--directory', folder, '.'])
  const ctr = ['--address', node.socket, '--namespace', 'k8s.io', 'images', 'import']
  await run('ctr', [...ctr, '--base-name', repository, archive])
  await rm(archive)
}
