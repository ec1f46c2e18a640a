import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Finding } from '../../../src/core/verdict.ts'
import { listSubmissions, resultsOf } from '../../../src/db/submissions.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { blobOf, descriptor, imageOf, jsonBlob, type BuiltImage } from '../../helpers/board/layout.ts'
import { putImage } from '../../helpers/push-image.ts'
import { lacksRegistry, startRegistryGame, type RegistryGame } from '../../helpers/registry.ts'
import { until } from '../../helpers/until.ts'

describe('What is pushed where an image is asked for', { skip: lacksRegistry('3') }, () => {
  let game: RegistryGame
  before(async () => {
    const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-registry')
    game = await startRegistryGame('3', { challenges })
  })
  after(() => game.close())

  /** The same with another configuration. */
  const withConfig = async (mediaType: string, bytes: Buffer): Promise<BuiltImage> => {
    const { layers } = await imageOf({ layers: [[{ name: 'a', content: 'b' }]] })
    const config = blobOf(mediaType, bytes)
    const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(config),
      layers: layers.map(descriptor),
    })
    return { config, layers, manifest }
  }

  /** What is found of the first thing that somebody pushes, unasked. */
  const judged = async (name: string, image: BuiltImage) => {
    const { slug, playerId } = await game.register(name)
    await putImage(game, `${slug}/scroll:1`, image, { kind: 'player', slug })
    const { sql } = game.game
    const list = () => listSubmissions(sql, { playerId, challengeId: 'scroll', limit: 5 })
    const one = await until('the submission', 30, async () =>
      (await list()).find(({ status }) => status === 'done'),
    )
    assert.deepEqual([one.trigger, one.verdict], ['image', 'failed'])
    const [result] = await resultsOf(sql, one.id)
    assert.equal(result?.evidence[0]?.revision, image.manifest.digest)
    return result.findings.map(({ ok, message }: Finding) => [ok, message.en, message.fr ?? ''] as const)
  }

  test('and is a chart is told as one, not judged as an image', async () => {
    const type = 'application/vnd.cncf.helm.config.v1+json'
    const [found, what, ...more] = await judged(
      'Tara',
      await withConfig(type, Buffer.from('{"name":"chest"}')),
    )
    assert.deepEqual([found?.[0], what?.[0], more], [true, false, []])
    assert.match(what?.[1] ?? '', /scroll:1 is no image but a Helm chart \(application.*\): push an image/)
    assert.match(what?.[2] ?? '', /n’est pas une image mais un chart Helm/)
  })

  test('and was pushed with ORAS is told as an artifact', async () => {
    const empty = await withConfig('application/vnd.oci.empty.v1+json', Buffer.from('{}'))
    const [, what] = await judged('Milo', empty)
    assert.match(what?.[1] ?? '', /is no image but an artifact \(application\/vnd\.oci\.empty/)
  })

  test('and cannot be read is judged with the reason, though it is the first of all', async () => {
    const type = 'application/vnd.oci.image.config.v1+json'
    const [what] = await judged('Dolma', await withConfig(type, Buffer.from('no JSON at all')))
    assert.match(what?.[1] ?? '', /The configuration is not as OCI wants it/)
    assert.equal(what?.[0], false)
  })
})
