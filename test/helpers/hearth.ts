import { imageOf, jsonBlob, type BuiltImage } from './board/layout.ts'
import { repositoryOf } from './push-image.ts'
import type { RegistryGame } from './registry.ts'

/** What images build on: two platforms, as clients push it. */
export async function pushHearth(game: Pick<RegistryGame, 'host' | 'registry'>): Promise<BuiltImage> {
  const build = (architecture: string) =>
    imageOf({
      layers: [[{ name: 'bin/sh', content: architecture, mode: 0o755 }]],
      config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
      architecture,
    })
  const [arm, usual] = [await build('arm64'), await build('amd64')]
  const to = await repositoryOf(game, 'hunt/hearth')
  for (const { manifest, config, layers } of [arm, usual]) {
    for (const blob of [config, ...layers]) await to.blob(blob)
    await to.manifest(manifest.digest, manifest)
  }
  const part = ({ manifest: { mediaType, digest, size } }: BuiltImage, architecture: string) => ({
    mediaType,
    digest,
    size,
    platform: { os: 'linux', architecture },
  })
  const type = 'application/vnd.oci.image.index.v1+json'
  const manifests = [part(arm, 'arm64'), part(usual, 'amd64')]
  await to.manifest('1.0', jsonBlob(type, { schemaVersion: 2, mediaType: type, manifests }))
  return usual
}
