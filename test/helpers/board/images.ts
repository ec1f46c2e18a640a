import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { pack, type Header } from 'tar-stream'
import { run } from './run.ts'

/** One file, folder or link of an image's only layer. */
export interface LayerEntry
  extends Pick<Header, 'name'>, Partial<Pick<Header, 'type' | 'linkname' | 'mode'>> {
  content?: string | Buffer
}

export interface ImageSpec {
  /** Such as `board.local/web:1`. */
  name: string
  entries: LayerEntry[]
  config: {
    User?: string
    Entrypoint?: string[]
    Cmd?: string[]
    Env?: string[]
    Labels?: Record<string, string>
    ExposedPorts?: Record<string, object>
    WorkingDir?: string
    /** Busybox as the first process of a container heeds no SIGTERM, and every end would last the whole grace period. */
    StopSignal?: string
  }
}

export const boardImages = {
  pause: 'board.local/pause:1',
  web: 'board.local/web:1',
  shell: 'board.local/shell:1',
}
const unprivileged = '65532'
/** What the image format calls this machine's processor. */
export const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch

/** The program and a link for each of its applets. */
export async function busyboxEntries(busybox: string): Promise<[LayerEntry, ...LayerEntry[]]> {
  const program: LayerEntry = { name: 'bin/busybox', mode: 0o755, content: await readFile(busybox) }
  const applets = (await run(busybox, ['--list']))
    .split('\n')
    .filter((name) => name !== '' && name !== 'busybox')
  return [
    program,
    ...applets.map((name): LayerEntry => ({
      name: `bin/${name}`,
      type: 'symlink',
      mode: 0o777,
      linkname: 'busybox',
    })),
  ]
}

/** The images that every node has, built from one static busybox. */
export async function standardImages(busybox: string): Promise<ImageSpec[]> {
  const [program, ...applets] = await busyboxEntries(busybox)
  const shell: LayerEntry[] = [
    { name: 'tmp', type: 'directory', mode: 0o1777 },
    { name: 'etc/passwd', content: `player:x:${unprivileged}:${unprivileged}::/tmp:/bin/sh\n` },
    program,
    ...applets,
  ]
  const common = { User: unprivileged, Env: ['PATH=/bin'], WorkingDir: '/tmp', StopSignal: 'SIGKILL' }
  return [
    {
      name: boardImages.pause,
      entries: [program],
      config: { Entrypoint: ['/bin/busybox', 'sleep', 'infinity'] },
    },
    { name: boardImages.shell, entries: shell, config: { ...common, Cmd: ['sleep', 'infinity'] } },
    {
      name: boardImages.web,
      entries: [...shell, { name: 'www/index.html', content: '<h1>The board answers</h1>\n' }],
      config: {
        ...common,
        ExposedPorts: { '8080/tcp': {} },
        Cmd: ['sh', '-c', 'echo "listening on 8080" && exec httpd -f -v -p 8080 -h /www'],
      },
    },
  ]
}

/** Writes the image as an archive as `docker save` does; gives its path. */
async function buildImage(folder: string, spec: ImageSpec): Promise<string> {
  const layer = await layerOf(spec.entries)
  const digest = createHash('sha256').update(layer).digest('hex')
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: spec.config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  })
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [spec.name], Layers: ['layer.tar'] }])
  const archive = pack()
  archive.entry({ name: 'config.json' }, config)
  archive.entry({ name: 'manifest.json' }, manifest)
  archive.entry({ name: 'layer.tar' }, layer)
  archive.finalize()
  // Two test files may load the same image at once.
  const path = join(folder, `${spec.name.replace(/[^a-z0-9]+/g, '-')}-${process.pid}.tar`)
  await pipeline(archive, createWriteStream(path))
  return path
}

/** The uncompressed tar of a layer. */
export async function layerOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const layer = pack()
  const whole = buffer(layer)
  // All of the same age, so that an image built twice is the same image.
  for (const { content, ...headers } of entries)
    layer.entry({ mtime: new Date(0), ...headers }, content ?? '')
  layer.finalize()
  return await whole
}

/** Builds the image and puts it where pods of the node find it. */
export async function loadImage(node: { dir: string; socket: string }, spec: ImageSpec): Promise<void> {
  const path = await buildImage(node.dir, spec)
  await run('ctr', ['--address', node.socket, '--namespace', 'k8s.io', 'images', 'import', path])
  await rm(path)
}
