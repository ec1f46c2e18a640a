import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ImageReader } from '../../src/board/registry/types.ts'
import { check as chart } from '../../src/checks/chart.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { descriptor, imageOf, jsonBlob, writeLayout, type Layout } from '../helpers/board/layout.ts'
import { writeChart } from '../helpers/chart.ts'
import { contextOf } from '../helpers/look.ts'
import { lookAtImage } from '../helpers/look-image.ts'
import { repositoryOf } from '../helpers/push-image.ts'
import { lacksClients, openClients, type Clients } from '../helpers/registry-clients.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../helpers/registry.ts'

const oci = 'application/vnd.oci.image'
const docker = 'application/vnd.docker.distribution'
const base: Layout = { layers: [[{ name: 'etc/motd', content: 'Read on.\n' }]] }
const scroll: Layout = {
  layers: [...base.layers, { entries: [{ name: 'app/run', content: 'go\n' }], compression: 'zstd' }],
  config: { User: '65532', Labels: { by: 'tara' } },
}

for (const version of versions)
  describe(
    `What players push to Distribution ${version}, read with the server’s tokens,`,
    { skip: lacksRegistry(version) || lacksClients() },
    () => {
      let game: RegistryGame
      let clients: Clients
      let tara: Registered
      let path: string
      let images: ImageReader
      const signal = AbortSignal.timeout(120_000)

      before(async () => {
        game = await startRegistryGame(version)
        clients = await openClients()
        tara = await game.register('Tara')
        path = `${game.host}/${tara.slug}`
        images = game.registry.images(tara.slug)
        const login = `-u ${tara.slug} -p ${tara.token} ${game.host}`
        await run(`b login --tls-verify=false ${login}; skopeo login --tls-verify=false ${login}`)
        await run(
          `crane auth login ${login}; for h in helm3 helm4; do $h registry login --plain-http ${login}; done`,
        )
      })
      after(async () => {
        clients.remove()
        await game.close()
      })

      const run = (command: string) => clients.must(command)
      const at = async (repository: string, tag: string, more: Record<string, unknown> = {}) =>
        (await lookAtImage(images, { repository, tag, ...more })).facts
      const lay = async (name: string, layout: Layout) => {
        const image = await imageOf(layout)
        await writeLayout(join(clients.folder, name), image.manifest, [image.config, ...image.layers])
        return image
      }

      test('an image of buildah, in both forms', async () => {
        await run(
          `echo once > tale; c=$(b from scratch); b copy $c tale /tale; b config --user 1000 --label by=tara --port 80 $c; b commit $c built; for f in oci v2s2; do b push --format $f --tls-verify=false built ${path}/built:$f; done`,
        )
        for (const [tag, type] of [
          ['oci', `${oci}.manifest.v1+json`],
          ['v2s2', `${docker}.manifest.v2+json`],
        ] as const) {
          const { found, mediaType, config, files } = await at('built', tag, { files: ['tale'] })
          assert.deepEqual([found, mediaType, config.user], [true, type, '1000'])
          assert.deepEqual([config.labels['by'], config.ports], ['tara', ['80/tcp']])
          assert.equal(files['tale']?.text, 'once\n')
        }
      })

      test('an index of two platforms of buildah, as OCI and as docker have it', async () => {
        await run(
          `for a in amd64 arm64; do c=$(b from --arch $a scratch); b config --arch $a --label for=$a $c; b commit $c of-$a; done; b manifest create both of-amd64 of-arm64; for f in oci v2s2; do b manifest push --all --format $f --tls-verify=false both docker://${path}/both:$f; done`,
        )
        for (const [tag, type] of [
          ['oci', `${oci}.index.v1+json`],
          ['v2s2', `${docker}.manifest.list.v2+json`],
        ] as const) {
          const { mediaType, platforms, config } = await at('both', tag, { platform: 'linux/arm64' })
          assert.equal(mediaType, type)
          assert.deepEqual(platforms.toSorted(), ['linux/amd64', 'linux/arm64'])
          assert.equal(config.labels['for'], 'arm64')
        }
      })

      test('an image of crane with its layers, and one of skopeo with an attestation beside it', async () => {
        const image = await lay('scroll', scroll)
        await run(`crane push --insecure scroll ${path}/scroll:1`)
        const pushed = await at('scroll', '1', { files: ['etc/motd', 'app/run'], everyLayer: true })
        assert.deepEqual([pushed.digest, pushed.layers.count], [image.manifest.digest, 2])
        assert.deepEqual(
          [pushed.files['etc/motd']?.text, pushed.files['app/run']?.text],
          ['Read on.\n', 'go\n'],
        )
        assert.deepEqual(
          pushed.layerFiles['app/run']?.map(({ layer }) => layer),
          [1],
        )

        const note = await imageOf({ layers: [[{ name: 'note', content: 'seen' }]], architecture: 'unknown' })
        const index = jsonBlob(`${oci}.index.v1+json`, {
          schemaVersion: 2,
          mediaType: `${oci}.index.v1+json`,
          manifests: [
            { ...descriptor(image.manifest), platform: { os: 'linux', architecture: 'amd64' } },
            {
              ...descriptor(note.manifest),
              platform: { os: 'unknown', architecture: 'unknown' },
              annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
            },
          ],
        })
        const blobs = [image, note].flatMap(({ manifest, config, layers }) => [manifest, config, ...layers])
        await writeLayout(join(clients.folder, 'attested'), index, blobs)
        const copy = 'skopeo --insecure-policy copy --all --preserve-digests --dest-tls-verify=false'
        await run(`${copy} oci:attested docker://${path}/scroll:2`)
        const { digest, manifest, platforms, index: seen, config } = await at('scroll', '2')
        assert.deepEqual([digest, manifest], [index.digest, image.manifest.digest])
        assert.deepEqual([platforms, seen?.attestations, config.user], [['linux/amd64'], 1, '65532'])
        const byDigest = await lookAtImage(images, { repository: 'scroll', digest: image.manifest.digest })
        assert.equal(byDigest.facts.config.labels['by'], 'tara')
      })

      test('a base that the hunt provides', async () => {
        await lay('base', base)
        await game.registry.load(join(clients.folder, 'base'), 'base:1')
        assert.equal((await at('scroll', '1', { base: 'hunt/base:1' })).base?.matches, true)
        assert.equal((await at('built', 'oci', { base: 'hunt/base:1' })).base?.matches, false)
      })

      test('what refers to an image, which neither version lists: clients keep it under a tag', async () => {
        const subject = await images.manifest('scroll', '1', signal)
        assert.ok(subject)
        assert.deepEqual((await at('scroll', '1', { referrers: true })).referrers, [])
        const to = await repositoryOf(game, `${tara.slug}/scroll`, { kind: 'player', slug: tara.slug })
        const empty = { ...jsonBlob('application/vnd.oci.empty.v1+json', {}) }
        await to.blob(empty)
        const about = { mediaType: subject.contentType, digest: subject.digest, size: subject.bytes.length }
        const signature = jsonBlob(`${oci}.manifest.v1+json`, {
          schemaVersion: 2,
          mediaType: `${oci}.manifest.v1+json`,
          artifactType: 'example/seal',
          config: descriptor(empty),
          layers: [descriptor(empty)],
          subject: about,
        })
        await to.manifest(signature.digest, signature)
        const list = jsonBlob(`${oci}.index.v1+json`, {
          schemaVersion: 2,
          mediaType: `${oci}.index.v1+json`,
          manifests: [
            { ...descriptor(signature), artifactType: 'example/seal', annotations: { by: 'tara' } },
          ],
        })
        await to.manifest(subject.digest.replace(':', '-'), list)
        const { referrers } = await at('scroll', '1', { referrers: true })
        assert.deepEqual(referrers, [
          {
            digest: signature.digest,
            artifactType: 'example/seal',
            size: signature.size,
            annotations: { by: 'tara' },
          },
        ])
      })

      test('charts of both Helms, the newest first', async () => {
        for (const [helm, number] of [
          ['helm3', '0.9.0'],
          ['helm4', '0.10.0+gold'],
        ] as const) {
          await writeChart(clients.folder, number)
          await run(
            `${helm} package chest; ${helm} push --plain-http chest-${number}.tgz oci://${path} && rm -r chest`,
          )
        }
        const look = async (spec: object) => {
          const context = { ...contextOf(null), board: { registry: images } }
          const { facts } = await chart.look(chart.spec.parse({ repository: 'chest', ...spec }), context)
          return chart.facts.parse(facts)
        }
        const newest = await look({})
        assert.deepEqual([newest.version, newest.tag], ['0.10.0+gold', '0.10.0_gold'])
        const older = await look({ version: '0.9.0' })
        assert.deepEqual([older.name, older.values['gold']], ['chest', 1])
        assert.equal((await look({ version: '0.9.1' })).found, false)
        // A chart is no image, and says so instead of failing.
        const { found, artifactType, config } = await at('chest', '0.9.0')
        assert.deepEqual(
          [found, artifactType, config.user],
          [true, 'application/vnd.cncf.helm.config.v1+json', ''],
        )
      })

      test('is listed by tags and repositories, and what is not there is no fault of anybody', async () => {
        assert.deepEqual((await images.tags('built', signal)).tags.toSorted(), ['oci', 'v2s2'])
        assert.deepEqual((await images.repositories(signal)).toSorted(), ['both', 'built', 'chest', 'scroll'])
        assert.equal((await at('scroll', '9')).found, false)
        assert.equal((await at('nothing', '1')).found, false)
        assert.deepEqual(await images.tags('nothing', signal), { tags: [], truncated: false })
        assert.equal(await images.blob('built', `sha256:${'0'.repeat(64)}`, 9, signal), null)
      })
    },
  )
