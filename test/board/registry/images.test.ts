import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createImageReader, type ImageReaderOptions } from '../../../src/board/registry/images.ts'
import { digestOf } from '../../../src/board/registry/grammar.ts'
import { Inconclusive, PlayerFault, TooLarge } from '../../../src/lib/errors.ts'
import {
  imageOf,
  jsonBlob,
  pushImage,
  pushLayout,
  descriptor,
  type BuiltImage,
} from '../../helpers/board/layout.ts'
import { openRegistry, readerOptions, type OpenRegistry } from '../../helpers/board/open-registry.ts'
import { run } from '../../helpers/board/run.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { listenHttp } from '../../helpers/listen.ts'

const { signal } = new AbortController()
const scroll = { layers: [[{ name: 'etc/motd', content: 'Read on.\n' }]], config: { User: '65532' } }
const indexType = 'application/vnd.oci.image.index.v1+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

describe('the images of a player', { skip: lacksTools('docker-registry', 'skopeo') }, () => {
  let registry: OpenRegistry
  let image: BuiltImage
  before(async () => {
    registry = await openRegistry()
    image = await pushImage(`${registry.host}/tara/scroll:1.0`, scroll)
  })
  after(() => registry.close())

  it('are read by tag and by digest, to the byte', async () => {
    const reader = registry.images('tara')
    const byTag = await reader.manifest('scroll', '1.0', signal)
    assert.deepEqual(byTag, {
      digest: image.manifest.digest,
      contentType: manifestType,
      bytes: image.manifest.bytes,
    })
    assert.deepEqual(await reader.manifest('scroll', image.manifest.digest, signal), byTag)
    assert.deepEqual(await reader.blob('scroll', image.config.digest, 10_000, signal), image.config.bytes)
    const [layer] = image.layers
    const stream = await reader.openBlob('scroll', layer?.digest ?? '', signal)
    assert.ok(stream)
    assert.deepEqual(await buffer(stream), layer?.bytes)
  })

  it('are absent, not broken, where there are none', async () => {
    const reader = registry.images('tara')
    const none = digestOf(Buffer.from('none'))
    assert.equal(await reader.manifest('scroll', '2.0', signal), null)
    assert.equal(await reader.manifest('nothing', '1.0', signal), null)
    assert.equal(await reader.manifest('../other/scroll', '1.0', signal), null)
    assert.equal(await reader.manifest('scroll', '../../other/scroll/manifests/1.0', signal), null)
    assert.equal(await reader.blob('scroll', none, 100, signal), null)
    assert.equal(await reader.openBlob('scroll', none, signal), null)
    assert.equal(await reader.referrers('scroll', image.manifest.digest, signal), null)
    assert.deepEqual(await reader.tags('nothing', signal), { tags: [], truncated: false })
  })

  it('come as the index that the tag names, and tell what refers to them', async () => {
    const index = jsonBlob(indexType, {
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [{ ...descriptor(image.manifest), platform: { architecture: 'amd64', os: 'linux' } }],
    })
    const blobs = [image.manifest, image.config, ...image.layers]
    await pushLayout(`${registry.host}/tara/scroll:both`, index, blobs)
    const reader = registry.images('tara')
    assert.equal((await reader.manifest('scroll', 'both', signal))?.digest, index.digest)
    const fallback = image.manifest.digest.replace(':', '-')
    await pushLayout(`${registry.host}/tara/scroll:${fallback}`, index, blobs)
    assert.equal((await reader.referrers('scroll', image.manifest.digest, signal))?.digest, index.digest)
  })

  it('are listed with their tags, and nobody else’s beside them', async () => {
    for (const path of ['tara-b/scroll', 'tara/deep/scroll', 'tara2/scroll', 'tar/scroll'])
      await pushImage(`${registry.host}/${path}:1`, scroll)
    const reader = registry.images('tara')
    assert.deepEqual((await reader.repositories(signal)).sort(), ['deep/scroll', 'scroll'])
    const { tags } = await reader.tags('scroll', signal)
    assert.ok(tags.includes('1.0') && !tags.includes('2.0'))
  })

  it('are too large for whoever wants less', async () => {
    const reading = registry.images('tara').blob('scroll', image.config.digest, 10, signal)
    await assert.rejects(reading, TooLarge)
  })

  it('are read as Docker pushes them, too', async () => {
    const plain = ['copy', '--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false']
    const [from, to] = [
      `docker://${registry.host}/tara/scroll:1.0`,
      `docker://${registry.host}/tara/docker:1`,
    ]
    await run('skopeo', [...plain, '--format=v2s2', from, to])
    const found = await registry.images('tara').manifest('docker', '1', signal)
    assert.equal(found?.contentType, 'application/vnd.docker.distribution.manifest.v2+json')
  })
})

/** A small server stands for the registry here: no real one gives such answers. */
async function hostile(
  context: TestContext,
  answer: RequestListener,
  more: Partial<ImageReaderOptions> = {},
) {
  const port = await listenHttp(context, answer)
  return createImageReader({ ...readerOptions(`http://127.0.0.1:${port}`, 'tara'), ...more })
}

describe('a registry that lies', () => {
  const unknown = JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] })

  it('is found out when a manifest or a blob has another digest', async (t) => {
    const body = Buffer.from('{}')
    const reader = await hostile(t, (_, response) =>
      response.setHeader('content-type', manifestType).end(body),
    )
    const other = digestOf(Buffer.from('other'))
    await assert.rejects(reader.manifest('scroll', other, signal), PlayerFault)
    await assert.rejects(reader.blob('scroll', other, 100, signal), PlayerFault)
    const stream = await reader.openBlob('scroll', other, signal)
    assert.ok(stream)
    await assert.rejects(buffer(stream), PlayerFault)
    assert.deepEqual(await reader.blob('scroll', digestOf(body), 100, signal), body)
    assert.equal(
      (await reader.manifest('scroll', digestOf(body, 'sha512'), signal))?.digest,
      digestOf(body, 'sha512'),
    )
  })

  it('is found out when a tag’s digest is not what it says', async (t) => {
    const said = { 'content-type': manifestType, 'docker-content-digest': digestOf(Buffer.from('other')) }
    const reader = await hostile(t, (_, response) => response.writeHead(200, said).end('{}'))
    await assert.rejects(reader.manifest('scroll', '1.0', signal), PlayerFault)
  })

  it('is found out when a manifest’s media type is not its content type', async (t) => {
    const { manifest } = await imageOf(scroll)
    const reader = await hostile(t, (_, response) =>
      response.setHeader('content-type', indexType).end(manifest.bytes),
    )
    await assert.rejects(reader.manifest('scroll', '1.0', signal), /one media type/)
  })

  it('is not followed to 169.254.169.254, nor to another port, whatever it answers', async (t) => {
    let asked = 0
    const other = await listenHttp(t, (_, response) => {
      asked += 1
      response.end('secret')
    })
    for (const location of ['http://169.254.169.254/latest/meta-data/', `http://127.0.0.1:${other}/`]) {
      const reader = await hostile(t, (_, response) => response.writeHead(307, { location }).end())
      const digest = digestOf(Buffer.from('secret'))
      const strayed = (error: unknown) =>
        error instanceof Inconclusive && error.message.includes('not followed')
      await assert.rejects(reader.blob('scroll', digest, 100, signal), strayed)
      await assert.rejects(reader.openBlob('scroll', digest, signal), strayed)
      await assert.rejects(reader.manifest('scroll', '1.0', signal), strayed)
    }
    assert.equal(asked, 0)
  })

  it('may send blobs from a host that the operator named, which gets no token', async (t) => {
    const seen: (string | undefined)[] = []
    const store = await listenHttp(t, (request, response) => {
      seen.push(request.headers.authorization)
      response.end('blob')
    })
    const reader = await hostile(
      t,
      (request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(307, { location: `http://127.0.0.1:${store}/signed?key=1` }).end()
      },
      { tokenFor: (scope) => Promise.resolve(`for-${scope}`), redirects: [`127.0.0.1:${store}`] },
    )
    const body = Buffer.from('blob')
    assert.deepEqual(await reader.blob('scroll', digestOf(body), 100, signal), body)
    assert.deepEqual(seen, ['Bearer for-repository:tara/scroll:pull', undefined])
  })

  it('with tags without end is read no further than the bounds', { timeout: 60_000 }, async (t) => {
    let page = 0
    const paged = await hostile(t, (_, response) => {
      page += 1
      response.setHeader(
        'link',
        `<https://elsewhere.example/v2/x/tags/list?n=1000&last=t${page}>; rel="next"`,
      )
      response.end(JSON.stringify({ name: 'tara/scroll', tags: [`t${page}`] }))
    })
    const list = await paged.tags('scroll', signal)
    assert.deepEqual([list.tags.length, list.truncated, page], [20, true, 20])
    const endless = await hostile(t, (_, response) => {
      response.write('{"name":"tara/scroll","tags":["first"')
      const more = () => {
        while (!response.destroyed && response.write(',"t"'.repeat(10_000)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    const cut = await endless.tags('scroll', signal)
    assert.deepEqual([cut.tags[0], cut.tags.length, cut.truncated], ['first', 5000, true])
  })

  it('sends at most 4 MiB as a manifest', async (t) => {
    const sized = (size: number) => {
      const head = `{"mediaType":"${manifestType}","pad":"`
      return Buffer.from(`${head}${'x'.repeat(size - head.length - 2)}"}`)
    }
    for (const [size, fits] of [
      [2 ** 22, true],
      [2 ** 22 + 1, false],
    ] as const) {
      const reader = await hostile(t, (_, response) =>
        response.setHeader('content-type', manifestType).end(sized(size)),
      )
      const reading = reader.manifest('scroll', '1.0', signal)
      if (fits) assert.equal((await reading)?.bytes.length, size)
      else await assert.rejects(reading, TooLarge)
    }
  })

  it('blames nobody for what is not the player’s', async (t) => {
    for (const [status, body] of [
      [401, ''],
      [403, unknown],
      [404, '404 page not found'],
      [429, unknown],
      [500, unknown],
      [503, ''],
    ] as const) {
      const reader = await hostile(t, (_, response) => response.writeHead(status).end(body))
      await assert.rejects(reader.manifest('scroll', '1.0', signal), Inconclusive, String(status))
      await assert.rejects(reader.openBlob('scroll', digestOf(Buffer.from('')), signal), Inconclusive)
    }
    const reader = await hostile(t, (_, response) => response.writeHead(404).end(unknown))
    assert.equal(await reader.manifest('scroll', '1.0', signal), null)
  })

  it('that breaks off or falls silent in a blob blames nobody', async (t) => {
    const broken = await hostile(t, (_, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('part', () => response.destroy())
    })
    const digest = digestOf(Buffer.from('whole'))
    await assert.rejects(broken.blob('scroll', digest, 2000, signal), Inconclusive)
    const stream = await broken.openBlob('scroll', digest, signal)
    assert.ok(stream)
    await assert.rejects(buffer(stream), Inconclusive)
    const silent = await hostile(t, (_, response) => response.write('part'))
    const stop = new AbortController()
    const stalled = await silent.openBlob('scroll', digest, stop.signal)
    assert.ok(stalled)
    setTimeout(() => stop.abort(), 50)
    await assert.rejects(buffer(stalled), Inconclusive)
  })

  it('is asked once more when a kept connection was closed meanwhile', async (t) => {
    let calls = 0
    const reader = await hostile(t, (request, response) => {
      calls += 1
      if (calls === 2) request.socket.destroy()
      else response.setHeader('content-type', manifestType).end('{}')
    })
    for (const asked of [1, 3]) {
      assert.ok(await reader.manifest('scroll', '1.0', signal))
      assert.equal(calls, asked)
    }
  })
})
