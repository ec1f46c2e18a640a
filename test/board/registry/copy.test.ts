import assert from 'node:assert/strict'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { after, before, describe, it, type TestContext } from 'node:test'
import { copyImage } from '../../../src/board/registry/copy.ts'
import { TooLarge } from '../../../src/lib/errors.ts'
import {
  descriptor,
  imageOf,
  jsonBlob,
  pushImage,
  pushLayout,
  type Blob,
} from '../../helpers/board/layout.ts'
import { openRegistry, readerOptions, type OpenRegistry } from '../../helpers/board/open-registry.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { listenHttp } from '../../helpers/listen.ts'

const { signal } = new AbortController()
const indexType = 'application/vnd.oci.image.index.v1+json'

function indexOf(manifests: Blob[]): Blob {
  const content = { schemaVersion: 2, mediaType: indexType, manifests: manifests.map(descriptor) }
  return jsonBlob(indexType, content)
}

describe(
  'an image that is copied to another player',
  { skip: lacksTools('docker-registry', 'skopeo') },
  () => {
    let registry: OpenRegistry
    before(async () => (registry = await openRegistry()))
    after(() => registry.close())

    const copy = (repository: string, reference = '1.0', url = `http://${registry.host}`) =>
      copyImage(readerOptions(url, 'tara'), { from: 'tara', to: 'pema', repository }, reference, signal)
    const push = (name: string, content: string) =>
      pushImage(`${registry.host}/tara/${name}`, { layers: [[{ name: 'word', content }]] })

    it('has the same digest, and layers that can be read there', async () => {
      const { manifest, layers } = await push('scroll:1.0', 'one')
      assert.equal(await copy('scroll'), true)
      const pema = registry.images('pema')
      assert.equal((await pema.manifest('scroll', '1.0', signal))?.digest, manifest.digest)
      const digest = layers[0]?.digest ?? ''
      assert.deepEqual(await pema.blob('scroll', digest, 10_000, signal), layers[0]?.bytes)
    })

    it('brings all platforms of an index', async () => {
      const [one, two] = [
        await imageOf({ layers: [[{ name: 'word', content: 'amd' }]] }),
        await imageOf({ layers: [[{ name: 'word', content: 'arm' }]], architecture: 'arm64' }),
      ]
      const blobs = [one, two].flatMap(({ manifest, config, layers }) => [manifest, config, ...layers])
      const index = indexOf([one.manifest, two.manifest])
      await pushLayout(`${registry.host}/tara/both:1.0`, index, blobs)
      assert.equal(await copy('both'), true)
      const pema = registry.images('pema')
      assert.equal((await pema.manifest('both', '1.0', signal))?.digest, index.digest)
      for (const { manifest, layers } of [one, two]) {
        assert.ok(await pema.manifest('both', manifest.digest, signal))
        assert.ok(await pema.blob('both', layers[0]?.digest ?? '', 10_000, signal))
      }
    })

    it('is no error where there is none', async () => {
      assert.equal(await copy('nothing'), false)
      assert.equal(await copy('../pema/scroll'), false)
    })

    it('goes by its bytes where the registry takes no layer by its name', async (context) => {
      const { layers } = await push('bytes:1.0', 'carried')
      assert.equal(await copy('bytes', '1.0', await withoutMounts(context, registry.host)), true)
      const digest = layers[0]?.digest ?? ''
      const there = await registry.images('pema').blob('bytes', digest, 10_000, signal)
      assert.deepEqual(there, layers[0]?.bytes)
    })

    it('is refused where it nests too deep or names too many parts', async () => {
      const { manifest } = await push('deep:1.0', 'deep')
      let top = manifest
      for (let depth = 0; depth < 6; depth += 1) {
        top = indexOf([top])
        await registry.put('tara/deep', top.digest, top)
      }
      await assert.rejects(copy('deep', top.digest), TooLarge)
      const many = indexOf(Array.from({ length: 1001 }, () => manifest))
      await registry.put('tara/deep', many.digest, many)
      await assert.rejects(copy('deep', many.digest), TooLarge)
    })
  },
)

/** Stands for a registry that mounts nothing, which the specification allows; all else is the real one's. */
async function withoutMounts(context: TestContext, host: string): Promise<string> {
  const [hostname = '', far] = host.split(':')
  const port = await listenHttp(context, (asked: IncomingMessage, answer: ServerResponse) => {
    const path = (asked.url ?? '').replace(/\?mount=.*$/, '')
    const { method, headers } = asked
    const passed = request({ hostname, port: far, path, headers, ...(method && { method }) }, (real) => {
      answer.writeHead(real.statusCode ?? 502, real.headers)
      real.pipe(answer)
    })
    asked.pipe(passed)
  })
  return `http://127.0.0.1:${port}`
}
