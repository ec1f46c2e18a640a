import type { Blobs } from './blobs.ts'
import type { ChartManifest } from './shapes.ts'
import type { ChartFacts } from './spec.ts'
import { readKeys } from './yaml.ts'

const longest = 2000

/** The facts of a chart that is there, but for where it stands. */
export function tell(
  manifestType: string,
  { config, layers, annotations }: ChartManifest,
  { metadata, contents, provenance }: Blobs,
): Omit<ChartFacts, 'found' | 'repository' | 'tag' | 'digest'> {
  const { files, kept } = contents
  return {
    name: brief(metadata.name),
    version: brief(metadata.version),
    appVersion: brief(metadata.appVersion),
    description: brief(metadata.description),
    type: brief(metadata.type) || 'application',
    dependencies: (metadata.dependencies ?? []).map(({ name, version, repository, alias, condition }) => ({
      name: brief(name),
      version: brief(version),
      repository: brief(repository),
      alias: brief(alias),
      condition: brief(condition),
    })),
    values: readKeys('values.yaml', kept.get('values.yaml') ?? ''),
    templates: files.filter((file) => file.startsWith('templates/')),
    files,
    provenance,
    mediaTypes: {
      manifest: brief(manifestType),
      config: brief(config.mediaType),
      layers: layers.map(({ mediaType }) => brief(mediaType)),
    },
    annotations: Object.fromEntries(
      Object.entries(annotations ?? {}).map(([key, value]) => [brief(key), brief(value)]),
    ),
  }
}

/** What a player wrote, cut, and without the character that no database keeps. */
function brief(text: string | null | undefined): string {
  return (text ?? '').slice(0, longest).replaceAll('\0', '')
}
