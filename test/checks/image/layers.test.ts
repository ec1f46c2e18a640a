import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { ImageFacts } from '../../../src/checks/image/spec.ts'
import { PlayerFault } from '../../../src/lib/errors.ts'
import type { LayerEntry } from '../../helpers/board/images.ts'
import { pushImage, type Layout } from '../../helpers/board/layout.ts'
import { openRegistry, type OpenRegistry } from '../../helpers/board/open-registry.ts'
import { lacksTools } from '../../helpers/board/tools.ts'
import { lookAtImage } from '../../helpers/look-image.ts'
import { encodings, windowsTexts } from '../../helpers/windows-text.ts'

const key = { name: 'root/.ssh/key', content: 'PRIVATE' }

describe('the files of an image', { skip: lacksTools('docker-registry', 'skopeo', 'zstd') }, () => {
  let registry: OpenRegistry
  let number = 0
  before(async () => {
    registry = await openRegistry()
  })
  after(() => registry.close())
  const see = async (layers: Layout['layers'], files: string[], everyLayer = false): Promise<ImageFacts> => {
    number += 1
    await pushImage(`${registry.host}/tara/scroll:${number}`, { layers })
    return (await lookAtImage(registry.images('tara'), { tag: String(number), files, everyLayer })).facts
  }
  const texts = ({ files }: ImageFacts) =>
    Object.values(files).map(({ found, text }) => (found ? text : null))

  it('are read with size, mode and digest, however the layer is packed', async () => {
    const entries: LayerEntry[] = [
      { name: './app/run', content: 'go\n', mode: 0o4755 },
      { name: 'app/data', content: Buffer.from([1, 0, 2]) },
      { name: 'app/long', content: 'x'.repeat(70_000) },
      { name: 'dev/null', type: 'character-device' },
    ]
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      const names = ['/app/run', 'app/data', 'app/long', 'dev/null', 'app', 'none']
      const { files } = await see([{ entries, compression }], names)
      const run = {
        found: true,
        type: 'file',
        text: 'go\n',
        complete: true,
        size: 3,
        mode: '4755',
        uid: 0,
        gid: 0,
      }
      const sha256 = createHash('sha256').update('go\n').digest('hex')
      assert.deepEqual(files['/app/run'], { ...run, sha256, link: '' })
      assert.deepEqual([files['app/data']?.text, files['app/data']?.size], ['', 3])
      const long = files['app/long']
      assert.deepEqual([long?.text.length, long?.complete, long?.size], [65_536, false, 70_000])
      assert.equal(long?.sha256, createHash('sha256').update('x'.repeat(70_000)).digest('hex'))
      assert.deepEqual(
        [files['dev/null']?.type, files['app']?.found, files['none']?.found],
        ['device', false, false],
      )
    }
  })

  it('that were written on Windows are read by their mark', async () => {
    const entries = encodings.map((name) => ({ name, content: windowsTexts[name]('bell é\n') }))
    assert.deepEqual(
      texts(await see([entries], encodings)),
      encodings.map(() => 'bell é\n'),
    )
  })

  it('that a later layer deletes are gone, and still lie in the layer before', async () => {
    const facts = await see([[key], [{ name: 'root/.ssh/.wh.key' }]], [key.name], true)
    assert.deepEqual(texts(facts), [null])
    assert.deepEqual(
      facts.layerFiles[key.name]?.map(({ layer, text }) => [layer, text]),
      [[0, 'PRIVATE']],
    )
  })

  it('are gone with a folder that is deleted, emptied or replaced', async () => {
    assert.deepEqual(texts(await see([[key], [{ name: 'root/.wh..ssh' }]], [key.name])), [null])
    assert.deepEqual(texts(await see([[key], [{ name: 'root/.wh..wh..opq' }]], [key.name])), [null])
    assert.deepEqual(texts(await see([[key], [{ name: 'root/.ssh', content: 'a file' }]], [key.name])), [
      null,
    ])
    const again = { name: key.name, content: 'NEW' }
    // A whiteout is about the layers below, in whatever order it comes.
    for (const layer of [
      [again, { name: 'root/.wh..wh..opq' }],
      [{ name: 'root/.ssh/.wh.key' }, again],
    ])
      assert.deepEqual(texts(await see([[key], layer], [key.name])), ['NEW'])
    assert.deepEqual(texts(await see([[key], [{ name: 'root/.wh..sshd' }]], [key.name])), ['PRIVATE'])
  })

  it('are followed through links, across layers, and never out of the image', async () => {
    const layers: LayerEntry[][] = [
      [
        { name: 'usr/bin/busybox', content: 'program' },
        { name: 'usr/bin/sh', type: 'symlink', linkname: 'busybox' },
        { name: 'usr/bin/ash', type: 'link', linkname: 'usr/bin/busybox' },
        { name: 'bin', type: 'symlink', linkname: 'usr/bin' },
      ],
      [
        { name: 'run', type: 'symlink', linkname: '/bin/sh' },
        { name: 'climb', type: 'symlink', linkname: '../../../../../etc/hostname' },
        { name: 'out', type: 'link', linkname: '../../../../../etc/hostname' },
        { name: 'circle', type: 'symlink', linkname: 'circle' },
        { name: 'dangling', type: 'symlink', linkname: 'nowhere' },
      ],
    ]
    const inside = await see(layers, ['run', 'bin/ash', 'bin/sh'])
    assert.deepEqual(texts(inside), ['program', 'program', 'program'])
    assert.equal(inside.files['run']?.link, '/bin/sh')
    const outside = await see(layers, ['climb', 'out', 'circle', 'dangling'])
    assert.deepEqual(texts(outside), [null, null, null, null])
    assert.deepEqual(
      [outside.files['dangling']?.type, outside.files['dangling']?.link],
      ['symlink', 'nowhere'],
    )
  })

  it('that climb out by their names stay inside, as a runtime unpacks them', async () => {
    const facts = await see([[{ name: '../../../etc/shadow', content: 'inside' }]], ['etc/shadow'])
    assert.deepEqual(texts(facts), ['inside'])
  })

  it('are not shown to another player who only names the layer', async () => {
    const mine = await pushImage(`${registry.host}/tara/secret:1`, { layers: [[key]] })
    const spec = { repository: 'secret', tag: '1', files: [key.name] }
    assert.deepEqual(texts((await lookAtImage(registry.images('tara'), spec)).facts), ['PRIVATE'])
    const layer = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      urls: ['https://x.example/'],
    }
    await pushImage(`${registry.host}/mallory/secret:0`, { layers: [] })
    const { bytes, mediaType } = mine.manifest
    const stolen = JSON.parse(bytes.toString()) as { config: object; layers: object[] }
    const empty = await pushImage(`${registry.host}/mallory/secret:0`, { layers: [] })
    const { digest, size } = mine.layers[0] ?? { digest: '', size: 0 }
    const config = (JSON.parse(empty.manifest.bytes.toString()) as { config: object }).config
    const forged = Buffer.from(JSON.stringify({ ...stolen, config, layers: [{ ...layer, digest, size }] }))
    await registry.put('mallory/secret', '1', { mediaType, bytes: forged, digest: '', size: forged.length })
    await assert.rejects(lookAtImage(registry.images('mallory'), spec), PlayerFault)
  })

  it('are read once for all submissions', async () => {
    await pushImage(`${registry.host}/tara/once:1`, { layers: [[key]] })
    const images = registry.images('tara')
    let opened = 0
    const counting = {
      ...images,
      openBlob: (...args: Parameters<typeof images.openBlob>) => ((opened += 1), images.openBlob(...args)),
    }
    const spec = { repository: 'once', tag: '1', files: [key.name] }
    for (let round = 0; round < 3; round += 1)
      assert.deepEqual(texts((await lookAtImage(counting, spec)).facts), ['PRIVATE'])
    assert.equal(opened, 1)
  })
})
