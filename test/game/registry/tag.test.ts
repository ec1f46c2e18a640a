import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { listSubmissions, resultsOf } from '../../../src/db/submissions.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf } from '../../helpers/api.ts'
import { imageOf, type BuiltImage } from '../../helpers/board/layout.ts'
import { holdBefore, type Holding } from '../../helpers/hold.ts'
import { putImage } from '../../helpers/push-image.ts'
import { lacksRegistry, startRegistryGame, versions, type RegistryGame } from '../../helpers/registry.ts'
import { until } from '../../helpers/until.ts'

/** Looks at one tag twice, the second time into its layer. */
const challenge = `
id: scroll
title: { en: The scroll, fr: Le parchemin }
teaser: { en: Seal a scroll., fr: Scelle un parchemin. }
points: 50
checks:
  - name: { en: the scroll is sealed, fr: le parchemin est scellé }
    image: { repository: scroll, tag: '1' }
    expect:
      - that: image.found && 'seal' in image.config.labels
        else: { en: It is not sealed., fr: Il n’est pas scellé. }
  - name: { en: the scroll is whole, fr: le parchemin est entier }
    as: again
    image: { repository: scroll, tag: '1', files: [etc/motto] }
    expect:
      - that: again.digest == image.digest && again.files['etc/motto'].text == image.config.labels['motto']
        else: { en: These are two scrolls., fr: Ce sont deux parchemins. }
`

for (const version of versions) {
  describe(
    `A tag that is pushed again while it is judged, with Distribution ${version}`,
    { skip: lacksRegistry(version) },
    () => {
      let folder: string
      let game: RegistryGame
      let way: Holding

      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'shambhala-hunt-tag-'))
        const small = join(packageRoot(), 'test', 'fixtures', 'hunt-registry')
        for (const name of ['hunt.yaml', '01-scroll'])
          await cp(join(small, name), join(folder, name), { recursive: true })
        await writeFile(join(folder, '01-scroll', 'challenge.yaml'), challenge)
        game = await startRegistryGame(version, {
          challenges: folder,
          way: async (port) => (way = await holdBefore(port)).port,
        })
      })
      after(async () => {
        await game.close()
        way.close()
        await rm(folder, { recursive: true, force: true })
      })

      const submissions = (playerId: string) =>
        listSubmissions(game.game.sql, { playerId, challengeId: 'scroll', limit: 9 })
      const told = async (id: string) =>
        (await resultsOf(game.game.sql, id)).map(({ verdict, evidence }) => ({
          verdict,
          digests: evidence.map(({ revision }) => revision),
        }))

      test('is judged as it was, with that digest as evidence, and the other push by itself', async () => {
        const tara = await game.register('Tara')
        const [plain, sealed] = [await scroll('Read on.', {}), await scroll('Read back.', { seal: 'wax' })]
        await putImage(game, `${tara.slug}/scroll:1`, plain)
        await until(
          'the submissions',
          30,
          () => submissions(tara.playerId),
          (all) => all.length === 1 && all[0]?.verdict === 'failed',
        )

        const holding = way.hold(/\/scroll\/manifests\/1$/)
        const { body } = await apiOf(game.url)('POST', '/challenges/scroll/submissions', {
          token: tara.token,
          body: {},
        })
        const held = await holding
        await putImage(game, `${tara.slug}/scroll:1`, sealed)
        await until(
          'the submissions',
          30,
          () => submissions(tara.playerId),
          (all) => all.filter(({ trigger }) => trigger === 'image').length === 2,
        )
        held.release()

        const all = await until(
          'the submissions',
          30,
          () => submissions(tara.playerId),
          (seen) => seen.every(({ status }) => status === 'done'),
        )
        const asked = all.find(({ id }) => id === body.id)
        const [later] = all.filter(({ trigger }) => trigger === 'image')
        assert.deepEqual([asked?.verdict, later?.verdict, all.length], ['failed', 'passed', 3])
        const [before, after] = [[plain.manifest.digest], [sealed.manifest.digest]]
        assert.deepEqual(await told(asked?.id ?? ''), [
          { verdict: 'failed', digests: before },
          { verdict: 'passed', digests: before },
        ])
        assert.deepEqual(await told(later?.id ?? ''), [
          { verdict: 'passed', digests: after },
          { verdict: 'passed', digests: after },
        ])
      })
    },
  )
}

function scroll(motto: string, labels: Record<string, string>): Promise<BuiltImage> {
  return imageOf({
    layers: [[{ name: 'etc/motto', content: motto }]],
    config: { Labels: { motto, ...labels } },
  })
}
