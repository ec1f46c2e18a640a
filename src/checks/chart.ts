import type { ImageReader, RawManifest } from '../board/registry/types.ts'
import { Inconclusive, TooLarge } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Looked } from './check.ts'
import { mustAgree } from './chart/agree.ts'
import { readBlobs } from './chart/blobs.ts'
import { readManifest } from './chart/shapes.ts'
import { chartFacts, chartSpec, nothingThere, type ChartFacts, type ChartSpec } from './chart/spec.ts'
import { tell } from './chart/tell.ts'
import { newest, tagOf } from './chart/versions.ts'
import { seeing } from './seen-fault.ts'

export const check: CheckKind<ChartSpec, ChartFacts> = {
  kind: 'chart',
  spec: chartSpec,
  facts: chartFacts,
  needs: ['registry'],
  look,
}

async function look(spec: ChartSpec, context: CheckContext): Promise<Looked<ChartFacts>> {
  const { signal } = context
  const reader = context.board.registry
  if (signal.aborted) throw new Inconclusive('Looking at the chart was stopped.')
  if (!reader) throw new Inconclusive('This board has no registry to read charts from.')
  const { repository } = spec
  const tag = spec.version === undefined ? await newestTag(reader, repository, context) : tagOf(spec.version)
  if (tag === null) return { facts: nothingThere(spec), evidence: [] }
  // A tag may be pushed again meanwhile: all checks of a submission see what the first of them saw.
  const seen = await context.memo(`chart:${repository}:${tag}`, async () => {
    const manifest = await reader.manifest(repository, tag, signal)
    if (!manifest) return null
    const { digest } = manifest
    const where = `${reader.host}/${reader.path}/${repository}:${tag}`
    const evidence = [{ what: 'image' as const, revision: digest, where, at: new Date().toISOString() }]
    const sight = { repository, tag, manifest, signal }
    return { digest, evidence, told: await seeing(evidence, () => see(reader, sight)) }
  })
  if (!seen) return { facts: nothingThere(spec), evidence: [] }
  const { told, digest, evidence } = seen
  return { facts: { ...told, found: true, repository, tag, digest }, evidence: [...evidence] }
}

async function newestTag(
  reader: ImageReader,
  repository: string,
  context: CheckContext,
): Promise<string | null> {
  const { tags, truncated } = await context.memo(`chart:${repository}`, () =>
    reader.tags(repository, context.signal),
  )
  if (truncated)
    throw new TooLarge(
      `${repository} has more than ${tags.length} tags, among which the newest is not looked for: delete some.`,
      `${repository} a plus de ${tags.length} étiquettes, parmi lesquelles on ne cherche pas la plus récente : supprimes-en.`,
    )
  return newest(tags)
}

interface ChartToSee {
  repository: string
  tag: string
  manifest: RawManifest
  signal: AbortSignal
}

async function see(reader: ImageReader, { repository, tag, manifest, signal }: ChartToSee) {
  const name = `${repository}:${tag}`
  const parts = readManifest(name, manifest.bytes)
  const blobs = await readBlobs({ reader, repository, name, signal }, parts)
  mustAgree(blobs.contents, blobs.metadata)
  return tell(manifest.contentType, parts, blobs)
}
