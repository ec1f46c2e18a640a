import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createAgents } from '../../../src/board/registry/client.ts'
import { createImageReader } from '../../../src/board/registry/images.ts'
import type { ImageReader } from '../../../src/board/registry/types.ts'
import { check as chart } from '../../../src/checks/chart.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { openRegistry, readerOptions, type OpenRegistry } from '../../helpers/board/open-registry.ts'
import { blobOf, descriptor, jsonBlob, pushImage, pushLayout } from '../../helpers/board/layout.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { holdBefore, type Holding } from '../../helpers/hold.ts'
import { contextOf } from '../../helpers/look.ts'
import { lookAtImage } from '../../helpers/look-image.ts'
import { about, chartTypes, packageOf } from '../../helpers/pushed-chart.ts'

/** Longer than what is read at once, and nothing that can be packed. */
const content = randomBytes(400_000).toString('base64')

describe('a registry whose answer breaks off in the middle', { skip: lacksTools('docker-registry') }, () => {
  let registry: OpenRegistry
  let way: Holding
  let images: ImageReader
  const agents = createAgents()

  before(async () => {
    registry = await openRegistry()
    way = await holdBefore(Number(registry.host.split(':')[1]))
    images = createImageReader(readerOptions(`http://127.0.0.1:${way.port}`, 'tara', agents))
  })
  after(async () => {
    agents.http.destroy()
    way.close()
    await registry.close()
  })

  for (const compression of ['none', 'gzip', 'zstd'] as const)
    it(`is not the player’s fault in a layer (${compression}), nor remembered`, async () => {
      const entries = [
        { name: 'first', content: 'here' },
        { name: 'big', content },
        { name: 'last', content: 'there' },
      ]
      const image = await pushImage(`${registry.host}/tara/scroll:${compression}`, {
        layers: [{ entries, compression }],
      })
      const look = () => lookAtImage(images, { tag: compression, files: ['first', 'last'] })
      way.breakOff(new RegExp(image.layers[0]?.digest ?? ''))
      await assert.rejects(look(), Inconclusive)
      way.breakOff(null)
      const { files } = (await look()).facts
      assert.deepEqual([files['first']?.text, files['last']?.text], ['here', 'there'])
    })

  it('is not the player’s fault in a manifest, a configuration or a list of tags', async () => {
    const labels = { long: content.slice(0, 9000) }
    const image = await pushImage(`${registry.host}/tara/scroll:1`, {
      layers: [],
      config: { Labels: labels },
    })
    for (const path of [/manifests\/1$/, new RegExp(image.config.digest)]) {
      way.breakOff(path)
      await assert.rejects(lookAtImage(images, { tag: '1' }), Inconclusive)
    }
    way.breakOff(/tags\/list/)
    await assert.rejects(images.tags('scroll', AbortSignal.timeout(10_000)), Inconclusive)
    way.breakOff(null)
    const { facts } = await lookAtImage(images, { tag: '1' })
    assert.equal(facts.digest, image.manifest.digest)
  })

  it('is not the player’s fault in a chart', async () => {
    const yaml = 'apiVersion: v2\nname: chest\nversion: 0.1.0\nappVersion: "1.2"\n'
    const packed = await packageOf([
      { name: 'chest/Chart.yaml', text: yaml },
      { name: 'chest/values.yaml', text: `a: ${content.slice(0, 200_000)}\n` },
    ])
    const [config, layer] = [jsonBlob(chartTypes.config, about), blobOf(chartTypes.content, packed)]
    const manifest = jsonBlob(chartTypes.manifest, {
      schemaVersion: 2,
      mediaType: chartTypes.manifest,
      config: descriptor(config),
      layers: [descriptor(layer)],
    })
    await pushLayout(`${registry.host}/tara/chest:0.1.0`, manifest, [config, layer])
    const look = () =>
      chart.look(chart.spec.parse({ repository: 'chest' }), {
        ...contextOf(null),
        board: { registry: images },
      })
    for (const { digest } of [config, layer]) {
      way.breakOff(new RegExp(digest))
      await assert.rejects(look(), Inconclusive)
    }
    way.breakOff(null)
    assert.equal((await look()).facts.found, true)
  })
})
