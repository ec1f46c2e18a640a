import type { ImageReader } from '../../src/board/registry/types.ts'

/** A player's path in which nothing is. What a check does with a real registry is tested with one. */
export function noImages(): ImageReader {
  const nothing = () => Promise.resolve(null)
  return {
    host: 'registry.example.org',
    path: 'tara',
    manifest: nothing,
    blob: nothing,
    openBlob: nothing,
    tags: () => Promise.resolve({ tags: [], truncated: false }),
    referrers: nothing,
    repositories: () => Promise.resolve([]),
    hunt: noImages,
  }
}
