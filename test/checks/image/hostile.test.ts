import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { it, describe, type TestContext } from 'node:test'
import { createGzip } from 'node:zlib'
import { createImageReader } from '../../../src/board/registry/images.ts'
import { PlayerFault, TooLarge } from '../../../src/lib/errors.ts'
import { blobOf, descriptor, imageOf, jsonBlob, zstdOf, type Blob } from '../../helpers/board/layout.ts'
import { readerOptions } from '../../helpers/board/open-registry.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { listenHttp } from '../../helpers/listen.ts'
import { lookAtImage } from '../../helpers/look-image.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar'

/** A small server stands for the registry here: no client pushes such images, and no registry takes all of them. */
async function serve(context: TestContext, top: Blob, blobs: readonly Blob[] = []) {
  const known = new Map([top, ...blobs].map((blob) => [blob.digest, blob]))
  const port = await listenHttp(context, (request, response) => answer(request, response))
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const reference = url.slice(url.lastIndexOf('/') + 1)
    const blob = reference === '1' ? top : known.get(reference)
    if (blob) response.setHeader('content-type', blob.mediaType).end(blob.bytes)
    else response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
  }
  return createImageReader(readerOptions(`http://127.0.0.1:${port}`, 'tara'))
}

/** An image whose only layer is these bytes. */
async function serveLayer(context: TestContext, bytes: Buffer) {
  const { config } = await imageOf({ layers: [] })
  const layer = blobOf(layerType, bytes)
  const layers = [descriptor(layer)]
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    config: descriptor(config),
    layers,
  })
  return await serve(context, manifest, [config, layer])
}

const indexOf = (children: object[]) =>
  jsonBlob(indexType, { schemaVersion: 2, mediaType: indexType, manifests: children })
const look = (images: Parameters<typeof lookAtImage>[0]) =>
  lookAtImage(images, { tag: '1', files: ['etc/motd'] })

describe('a hostile image', () => {
  it('with an index nested 50 deep is told to be pushed plainly', async (t) => {
    const chain = [indexOf([])]
    for (let depth = 1; depth < 50; depth += 1) chain.unshift(indexOf([descriptor(chain[0] as Blob)]))
    const [top, ...rest] = chain
    await assert.rejects(look(await serve(t, top as Blob, rest)), /deeper than 4/)
  })

  it('with an index that names itself is found out by its digest', async (t) => {
    const digest = `sha256:${'a'.repeat(64)}`
    const index = indexOf([{ mediaType: indexType, digest, size: 100 }])
    await assert.rejects(look(await serve(t, index, [{ ...index, digest }])), /another digest/)
    // Two that name each other would need a hash that nobody finds: the same index twice is what can be made.
    const inner = indexOf([])
    const twice = indexOf([descriptor(inner), descriptor(inner)])
    await assert.rejects(look(await serve(t, twice, [inner])), PlayerFault)
  })

  it('with a manifest of 4 MiB is too large, whatever fills it', async (t) => {
    const fill = (text: string) => text.repeat(Math.floor((4 * 2 ** 20 - 1000) / text.length))
    const head = '{"schemaVersion":2,"layers":[],"config":'
    for (const body of [fill('['), `[${fill('{},')}{}]}`, `"${fill('x')}"}`]) {
      const top = blobOf('application/vnd.oci.image.manifest.v1+json', Buffer.from(head + body))
      await assert.rejects(look(await serve(t, top)), PlayerFault)
    }
  })

  it('with a layer that unpacks for ever is left at a gigabyte', { timeout: 120_000 }, async (t) => {
    const head = tarHeader('etc/motd', 64 * 2 ** 30)
    const zeros = Buffer.alloc(2 ** 20)
    const endless = () =>
      Readable.from(
        (function* () {
          yield head
          for (let count = 0; count < 1100; count += 1) yield zeros
        })(),
      )
    const packed: Buffer[] = []
    await pipeline(endless(), createGzip({ level: 1 }), async (chunks) => {
      for await (const chunk of chunks) packed.push(chunk as Buffer)
    })
    await assert.rejects(look(await serveLayer(t, Buffer.concat(packed))), TooLarge)
  })

  it('with a layer of zstd that unpacks for ever is left at a gigabyte', { timeout: 120_000 }, async (t) => {
    // Every block says in four bytes that a zero comes 131 072 times, for ever.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])
    const first = tarHeader('etc/motd', 64 * 2 ** 30)
    const raw = Buffer.alloc(3)
    raw.writeUIntLE(first.length << 3, 0, 3)
    const block = Buffer.alloc(4)
    block.writeUIntLE((131_072 << 3) | (1 << 1), 0, 3)
    const bomb = Buffer.concat([frame, raw, first, ...Array<Buffer>(20_000).fill(block)])
    const before = process.memoryUsage().rss
    await assert.rejects(look(await serveLayer(t, bomb)), TooLarge)
    assert.ok(process.memoryUsage().rss - before < 200 * 2 ** 20)
  })

  it('with a layer of zstd that wants a gigabyte of memory is refused before it gets it', async (t) => {
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00])
    await assert.rejects(look(await serveLayer(t, window)), /lower level/)
    const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 0x01, 0x00, 0x00])
    await assert.rejects(look(await serveLayer(t, single)), /lower level/)
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9])
    await assert.rejects(look(await serveLayer(t, Buffer.concat([skipped, window]))), /lower level/)
  })

  it('with a million files is left at 250 000', { timeout: 120_000 }, async (t) => {
    const header = tarHeader('a', 0)
    const packed: Buffer[] = []
    const files = Readable.from(
      (function* () {
        for (let count = 0; count < 1000; count += 1) yield Buffer.concat(Array<Buffer>(1000).fill(header))
      })(),
    )
    await pipeline(files, createGzip({ level: 1 }), async (chunks) => {
      for await (const chunk of chunks) packed.push(chunk as Buffer)
    })
    await assert.rejects(look(await serveLayer(t, Buffer.concat(packed))), /more files/)
  })

  it('with a layer that is no tar, or breaks off, is told so', { skip: lacksTools('zstd') }, async (t) => {
    const whole = (await imageOf({ layers: [[{ name: 'etc/motd', content: 'x'.repeat(5000) }]] })).layers[0]
    const text = Buffer.from('This is no layer. '.repeat(100))
    const bytes = whole?.bytes ?? Buffer.alloc(0)
    const zstd = await zstdOf(tarHeader('etc/motd', 100))
    for (const broken of [
      text,
      bytes.subarray(0, bytes.length - 20),
      zstd,
      zstd.subarray(0, 20),
      Buffer.from([0x1f, 0x8b]),
    ])
      await assert.rejects(
        look(await serveLayer(t, broken)),
        (error: unknown) => error instanceof PlayerFault,
      )
  })
})

/** A header as tar writes it: octal numbers, and the sum of its own bytes. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0' + '0000000\0'.repeat(2), 100)
  // What is longer than eleven octal digits is written in base 256.
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else header.writeBigUInt64BE(BigInt(size), 128)
  if (size >= 8 ** 11) header[124] = 0x80
  header.write('00000000000\0' + ' '.repeat(8) + '0', 136)
  header.write('ustar\0' + '00', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
