import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { check } from '../../src/checks/image.ts'
import { Inconclusive, PlayerFault } from '../../src/lib/errors.ts'
import { descriptor, imageOf, jsonBlob, pushImage, pushLayout, type Layout } from '../helpers/board/layout.ts'
import { openRegistry, type OpenRegistry } from '../helpers/board/open-registry.ts'
import { run } from '../helpers/board/run.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { contextOf } from '../helpers/look.ts'
import { lookAtImage } from '../helpers/look-image.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'
const scroll: Layout = {
  layers: [
    [
      { name: 'etc/', type: 'directory' },
      { name: 'etc/motd', content: 'Read on.\n' },
    ],
    { entries: [{ name: './app/run', content: '#!/bin/sh\n', mode: 0o755 }], compression: 'zstd' },
  ],
  config: {
    User: '65532:65532',
    Env: ['PATH=/bin', 'MODE=a=b', 'MODE=last'],
    Entrypoint: ['/app/run'],
    Cmd: null,
    ExposedPorts: { '8080/tcp': {}, '53/udp': {}, '80': {} },
    Labels: { 'org.opencontainers.image.revision': 'abc' },
    WorkingDir: '/app',
    Healthcheck: { Test: ['CMD', '/app/run', '--check'] },
  },
  more: {
    created: '2026-11-21T08:00:00Z',
    history: [
      { created_by: 'COPY motd /etc/motd' },
      { created_by: 'ENV MODE=last', empty_layer: true },
      { created_by: 'COPY run /app/run', comment: 'buildkit' },
    ],
  },
  annotations: { 'org.opencontainers.image.title': 'scroll' },
}

describe('the check of an image', { skip: lacksTools('docker-registry', 'skopeo', 'zstd') }, () => {
  let registry: OpenRegistry
  before(async () => {
    registry = await openRegistry()
  })
  after(() => registry.close())
  const push = (name: string, layout: Layout) => pushImage(`${registry.host}/${name}`, layout)

  it('tells whom a container would run as, whatever the group', async () => {
    const etc = { name: 'etc/passwd', content: 'root:x:0:0::/:\nlama:x:1000:0::/:\ntoor:x:0:0::/:\n' }
    const whom: [user: string | undefined, number: number][] = [
      [undefined, 0],
      ['', 0],
      ['0:1000', 0],
      ['+0', 0],
      ['00', 0],
      ['root', 0],
      ['toor', 0],
      ['65532:root', 65532],
      ['65532:0', 65532],
      ['lama', 1000],
      ['lama:root', 1000],
      ['nobody-knows', -1],
    ]
    for (const [index, [user, number]] of whom.entries()) {
      const tag = `user-${index}`
      await push(`tara/scroll:${tag}`, { layers: [[etc]], config: user === undefined ? {} : { User: user } })
      const { facts } = await lookAtImage(registry.images('tara'), { tag })
      assert.equal(facts.userId, number, `USER ${user}`)
    }
  })

  it('reads a configuration with long texts, as builders write them', async () => {
    const long = 'x'.repeat(60_000)
    await push('tara/scroll:long', {
      ...scroll,
      config: { ...scroll.config, Env: [`LONG=${long}`], Labels: { long }, Cmd: [long] },
      more: { history: [{ created_by: `RUN ${long}`, comment: long }] },
    })
    const { facts } = await lookAtImage(registry.images('tara'), { tag: 'long' })
    assert.equal(facts.config.labels['long'], 'x'.repeat(2000))
    assert.deepEqual([facts.history.length, facts.config.cmd[0]?.length], [1, 2000])
  })

  it('tells what an image is configured to do, what it weighs and how it was built', async () => {
    const image = await push('tara/scroll:1.0', scroll)
    const { facts, evidence } = await lookAtImage(registry.images('tara'), { tag: '1.0' })
    const { config, layers } = facts
    assert.deepEqual([facts.found, facts.tag, facts.digest], [true, '1.0', image.manifest.digest])
    assert.deepEqual([facts.manifest, facts.platform, facts.index], [facts.digest, 'linux/amd64', null])
    assert.deepEqual(config, {
      user: '65532:65532',
      env: { PATH: '/bin', MODE: 'last' },
      entrypoint: ['/app/run'],
      cmd: [],
      ports: ['53/udp', '80/tcp', '8080/tcp'],
      labels: { 'org.opencontainers.image.revision': 'abc' },
      workdir: '/app',
      volumes: [],
      stopSignal: '',
      healthcheck: ['CMD', '/app/run', '--check'],
      created: '2026-11-21T08:00:00Z',
    })
    const sizes = image.layers.map(({ size }) => size)
    assert.deepEqual([layers.count, layers.sizes, layers.foreign], [2, sizes, 0])
    assert.equal(layers.total, (sizes[0] ?? 0) + (sizes[1] ?? 0))
    assert.deepEqual(
      facts.history.map(({ empty }) => empty),
      [false, true, false],
    )
    assert.deepEqual(facts.annotations, { 'org.opencontainers.image.title': 'scroll' })
    const where = `${registry.host}/tara/scroll:1.0`
    assert.deepEqual(
      [evidence[0]?.what, evidence[0]?.revision, evidence[0]?.where],
      ['image', facts.digest, where],
    )
  })

  it('looks by digest, and says latest where nothing else is said', async () => {
    const { manifest } = await push('tara/scroll:latest', scroll)
    const images = registry.images('tara')
    const { facts, evidence } = await lookAtImage(images, { digest: manifest.digest })
    assert.deepEqual([facts.found, facts.tag, facts.digest], [true, '', manifest.digest])
    assert.equal(evidence[0]?.where, `${registry.host}/tara/scroll@${manifest.digest}`)
    assert.equal((await lookAtImage(images)).facts.tag, 'latest')
  })

  it('chooses among the platforms of an index, and takes attestations for none', async () => {
    const intel = await imageOf(scroll)
    const arm = await imageOf({ ...scroll, architecture: 'arm64', config: { User: 'arm' } })
    const proof = await imageOf({ layers: [] })
    const index = jsonBlob(indexType, {
      schemaVersion: 2,
      mediaType: indexType,
      annotations: { made: 'by hand' },
      manifests: [
        { ...descriptor(arm.manifest), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { ...descriptor(intel.manifest), platform: { os: 'linux', architecture: 'amd64' } },
        {
          ...descriptor(proof.manifest),
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
        },
      ],
    })
    const parts = [intel, arm, proof].flatMap((one) => [one.manifest, one.config, ...one.layers])
    await pushLayout(`${registry.host}/tara/scroll:many`, index, parts)
    const images = registry.images('tara')
    const { facts, evidence } = await lookAtImage(images, { tag: 'many' })
    assert.deepEqual([facts.digest, facts.manifest], [index.digest, intel.manifest.digest])
    assert.equal(evidence[0]?.revision, index.digest)
    assert.deepEqual(facts.platforms, ['linux/arm64/v8', 'linux/amd64'])
    assert.deepEqual([facts.index?.attestations, facts.index?.annotations], [1, { made: 'by hand' }])
    const other = (await lookAtImage(images, { tag: 'many', platform: 'linux/arm64' })).facts
    assert.deepEqual([other.config.user, other.platform], ['arm', 'linux/arm64/v8'])
    const none = (await lookAtImage(images, { tag: 'many', platform: 'windows/amd64' })).facts
    assert.deepEqual([none.found, none.manifest, none.platform], [true, '', ''])
  })

  it('tells the digest that it judged, even when the tag is pushed again meanwhile', async () => {
    const first = await push('tara/moving:1', { ...scroll, config: { User: 'first' } })
    const images = registry.images('tara')
    const context = { ...contextOf(null), board: { registry: images } }
    const pushing = {
      ...images,
      manifest: async (...args: Parameters<typeof images.manifest>) => {
        const found = await images.manifest(...args)
        await push('tara/moving:1', { ...scroll, config: { User: 'second' } })
        return found
      },
    }
    const spec = check.spec.parse({ repository: 'moving', tag: '1' })
    const { facts, evidence } = await check.look(spec, { ...context, board: { registry: pushing } })
    assert.deepEqual([facts.config.user, evidence[0]?.revision], ['first', first.manifest.digest])
    // A second check of the same submission sees what the first one saw.
    assert.equal((await check.look(spec, context)).facts.config.user, 'first')
    assert.equal((await lookAtImage(images, { repository: 'moving', tag: '1' })).facts.config.user, 'second')
  })

  it('tells what is no image by its artifact type', async () => {
    const config = jsonBlob('application/vnd.cncf.helm.config.v1+json', { name: 'village' })
    const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      config: descriptor(config),
      layers: [],
    })
    await pushLayout(`${registry.host}/tara/village:1`, manifest, [config])
    const { facts } = await lookAtImage(registry.images('tara'), {
      repository: 'village',
      tag: '1',
      files: ['a'],
    })
    assert.deepEqual([facts.found, facts.artifactType], [true, 'application/vnd.cncf.helm.config.v1+json'])
    assert.deepEqual([facts.config.user, facts.files['a']?.found], ['', false])
  })

  it('tells what refers to an image', async () => {
    const image = await push('tara/signed:1', scroll)
    const index = jsonBlob(indexType, {
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [
        { ...descriptor(image.manifest), artifactType: 'application/signature', annotations: { by: 'Tara' } },
      ],
    })
    const fallback = image.manifest.digest.replace(':', '-')
    await registry.put('tara/signed', fallback, index)
    const { facts } = await lookAtImage(registry.images('tara'), {
      repository: 'signed',
      tag: '1',
      referrers: true,
    })
    assert.deepEqual(facts.referrers, [
      {
        digest: image.manifest.digest,
        artifactType: 'application/signature',
        size: image.manifest.size,
        annotations: { by: 'Tara' },
      },
    ])
  })

  it('knows a base by its layers, packed anew or not, and believes no list of them', async () => {
    const [lowest] = scroll.layers
    assert.ok(lowest)
    const images = registry.images('tara')
    const at = (tag: string) => lookAtImage(images, { repository: 'built', tag, base: 'hunt/base:1' })
    const base = await push('hunt/base:1', { layers: [lowest] })
    await push('tara/built:on-it', scroll)
    const entries = Array.isArray(lowest) ? lowest : lowest.entries
    await push('tara/built:anew', { layers: [{ entries, compression: 'zstd' }, ...scroll.layers.slice(1)] })
    const other = [{ name: 'etc/motd', content: 'Otherwise.\n' }]
    await push('tara/built:other', { layers: [other, ...scroll.layers.slice(1)] })
    const declared = (JSON.parse(base.config.bytes.toString()) as { rootfs: object }).rootfs
    await push('tara/built:forged', { layers: [other], more: { rootfs: declared } })
    const matches = await Promise.all(
      ['on-it', 'anew', 'other', 'forged'].map(async (tag) => (await at(tag)).facts.base?.matches),
    )
    assert.deepEqual(matches, [true, true, false, false])
    const unknown = lookAtImage(images, { repository: 'built', tag: 'on-it', base: 'hunt/nothing:1' })
    await assert.rejects(unknown, Inconclusive)
  })

  it('reads what buildah builds from nothing', { skip: lacksTools('buildah') }, async () => {
    const storage = [
      '--root',
      `${registry.dir}/buildah`,
      '--runroot',
      `${registry.dir}/run`,
      '--storage-driver',
      'vfs',
    ]
    const container = (await run('buildah', [...storage, 'from', 'scratch'])).trim()
    await run('buildah', [
      ...storage,
      'config',
      '--user',
      '1000',
      '--label',
      'by=tara',
      '--port',
      '80',
      container,
    ])
    await run('buildah', [...storage, 'add', container, 'package.json', '/app/package.json'])
    const target = `docker://${registry.host}/tara/built-here:1`
    const image = (await run('buildah', [...storage, 'commit', container])).trim()
    await run('buildah', [...storage, 'push', '--tls-verify=false', image, target])
    const spec = { repository: 'built-here', tag: '1', files: ['/app/package.json'] }
    const { config, files } = (await lookAtImage(registry.images('tara'), spec)).facts
    assert.deepEqual([config.user, config.labels['by'], config.ports], ['1000', 'tara', ['80/tcp']])
    assert.match(files['/app/package.json']?.text ?? '', /"name": "shambhala"/)
  })

  it('asks to push the whole image where a layer lies elsewhere', async () => {
    const image = await imageOf(scroll)
    const parsed = JSON.parse(image.manifest.bytes.toString()) as { layers: object[] }
    const absent = { ...descriptor(jsonBlob('x', { none: 1 })), urls: ['http://169.254.169.254/layer'] }
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const layers = [{ ...absent, mediaType }, ...parsed.layers]
    const manifest = jsonBlob(image.manifest.mediaType, { ...parsed, layers })
    // Clients refuse to push this; the registry takes a foreign layer that it does not hold.
    await push('tara/foreign:whole', scroll)
    await registry.put('tara/foreign', '1', manifest)
    const images = registry.images('tara')
    assert.equal((await lookAtImage(images, { repository: 'foreign', tag: '1' })).facts.layers.foreign, 1)
    const reading = lookAtImage(images, { repository: 'foreign', tag: '1', files: ['etc/motd'] })
    await assert.rejects(
      reading,
      (error: unknown) => error instanceof PlayerFault && /never followed/.test(error.message),
    )
  })
})
