import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { check } from '../src/checks/image.ts'
import type { LayerEntry } from '../test/helpers/board/images.ts'
import { pushImage } from '../test/helpers/board/layout.ts'
import { openRegistry } from '../test/helpers/board/open-registry.ts'
import { contextOf } from '../test/helpers/look.ts'
import { timed } from './fetch.ts'
import { milliseconds, report, spread } from './report.ts'

const run = promisify(execFile)
const rounds = 5
const layerCount = 4
const filesOfLayer = 500
const mebibyte = 2 ** 20
const paths = ['layer0/file7', 'layer2/file250', 'layer3/file499']

/** 200 MiB, half of it noise, so that it packs as programs do. */
function entriesOf(layer: number): LayerEntry[] {
  const half = (50 * mebibyte) / filesOfLayer / 2
  return Array.from({ length: filesOfLayer }, (_, file) => ({
    name: `layer${layer}/file${file}`,
    content: Buffer.concat([randomBytes(half), Buffer.alloc(half, `line ${file} of the story\n`)]),
  }))
}

/** What `tar` makes of the same layers, which lie on the disk for it. */
async function bare(folder: string): Promise<string[]> {
  const found: string[] = []
  for (let at = 0; at < layerCount; at += 1) {
    const wanted = paths.filter((path) => path.startsWith(`layer${at}/`))
    const args = ['-xzOf', join(folder, `${at}.tar.gz`), ...(wanted.length > 0 ? wanted : ['--exclude=*'])]
    const { stdout } = await run('tar', args, { encoding: 'buffer', maxBuffer: 2 ** 26 })
    if (wanted.length > 0) found.push(createHash('sha256').update(stdout).digest('hex'))
  }
  return found
}

/** The largest growth of the process while it ran, looked at every 5 ms. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  await work().finally(() => clearInterval(watching))
  return most - before
}

async function main(): Promise<void> {
  const registry = await openRegistry()
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-layers-'))
  try {
    // By a process of its own, whose memory is not counted.
    const pushing = spawn(process.execPath, [
      ...process.execArgv,
      import.meta.filename,
      registry.host,
      folder,
    ])
    if ((await once(pushing, 'exit'))[0] !== 0) throw new Error('the image was not pushed')
    const ours: number[] = []
    const theirs: number[] = []
    let grown = 0
    for (let round = 0; round < rounds; round += 1) {
      // Another order of the same paths is another question to the memory of layers; a path more makes it certain.
      const spec = check.spec.parse({ repository: 'large', tag: '1', files: [...paths, `round/${round}`] })
      const look = () =>
        check.look(spec, { ...contextOf(null), board: { registry: registry.images('tara') } })
      grown = Math.max(grown, await growth(async () => ours.push(await timed(look))))
      theirs.push(await timed(() => bare(folder)))
    }
    const [a, b] = [spread(ours), spread(theirs)]
    const ratio = a.median / b.median
    const size = grown / mebibyte
    report({
      what: `three paths out of a 200 MiB image in ${layerCount} layers, n = ${a.n}`,
      ours: `${milliseconds(a.median)}, ${size.toFixed(0)} MiB more memory`,
      against: `${milliseconds(b.median)}, tar on the same layers`,
      result: `${ratio.toFixed(2)}×`,
      bound: '≤ 2×, < 64 MiB',
      reached: ratio <= 2 && size < 64,
    })
  } finally {
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function push(host: string, folder: string): Promise<void> {
  const layout = { layers: Array.from({ length: layerCount }, (_, layer) => entriesOf(layer)) }
  const { layers } = await pushImage(`${host}/tara/large:1`, layout)
  for (const [at, { bytes }] of layers.entries()) await writeFile(join(folder, `${at}.tar.gz`), bytes)
}

const [host, folder] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
if (host !== undefined && folder !== undefined) await push(host, folder)
else await main()
