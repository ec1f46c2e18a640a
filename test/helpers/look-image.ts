import type { ImageReader } from '../../src/board/registry/types.ts'
import type { Looked } from '../../src/checks/check.ts'
import { check } from '../../src/checks/image.ts'
import type { ImageFacts } from '../../src/checks/image/spec.ts'
import { contextOf } from './look.ts'

/** Looks as a submission of its own would. */
export async function lookAtImage(
  images: ImageReader,
  spec: Record<string, unknown> = {},
): Promise<Looked<ImageFacts>> {
  const looked = await check.look(check.spec.parse({ repository: 'scroll', ...spec }), {
    ...contextOf(null),
    board: { registry: images },
  })
  check.facts.parse(looked.facts)
  return looked
}
