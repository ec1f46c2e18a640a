import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ImageReader } from '../../src/board/registry/types.ts'
import { check } from '../../src/checks/chart.ts'
import { Inconclusive, PlayerFault, TooLarge } from '../../src/lib/errors.ts'
import { openRegistry } from '../helpers/board/open-registry.ts'
import { run } from '../helpers/board/run.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { writeChart } from '../helpers/chart.ts'
import { contextOf } from '../helpers/look.ts'
import { encodings, windowsTexts } from '../helpers/windows-text.ts'
import { about, chartReader, chartTypes, packageOf, sha256, type Piece } from '../helpers/pushed-chart.ts'

const chartYaml = 'apiVersion: v2\nname: chest\nversion: 0.1.0\nappVersion: "1.2"\n'

function lookIn(images: ImageReader, spec: object = { version: '0.1.0' }) {
  const context = contextOf(null)
  const asked = check.spec.parse({ repository: 'chest', ...spec })
  return check.look(asked, { ...context, board: { registry: images } })
}

const content = (bytes: Buffer) => ({ mediaType: chartTypes.content, bytes })
const yaml: Piece = { name: 'chest/Chart.yaml', text: chartYaml }

/** Looks at a package of Chart.yaml and what is given. */
async function lookAtPackage(...pieces: Piece[]) {
  return await lookIn(chartReader({ layers: [content(await packageOf([yaml, ...pieces]))] }))
}

/** The player is told why in both languages, and no fault of ours is made of it. */
function tells(english: RegExp, french: RegExp, kind: typeof PlayerFault = PlayerFault) {
  return (error: unknown) => {
    assert.ok(error instanceof kind, String(error))
    assert.match(error.message, english)
    assert.match(error.french ?? '', french)
    return true
  }
}

describe('a chart that was written on Windows', () => {
  for (const encoding of encodings)
    it(`in ${encoding} with its mark is read as what it says`, async () => {
      const values = { name: 'chest/values.yaml', text: windowsTexts[encoding]('gold: 1\n') }
      assert.deepEqual((await lookAtPackage(values)).facts.values, { gold: 1 })
    })
})

for (const helm of ['helm3', 'helm4'])
  describe(`a chart that ${helm} pushed`, { skip: lacksTools(helm, 'docker-registry') }, () => {
    it('is seen with what is in it, by its version and as the newest', async (context) => {
      const { images, push, host } = await scene(context, helm)
      await push('0.1.0')
      const { packed, digest } = await push('0.2.0+gold', true)
      await push('0.10.0-rc.1')
      const { facts, evidence } = await lookIn(images, {})
      const { templates, files, values, annotations, mediaTypes, ...rest } = check.facts.parse(facts)
      assert.deepEqual(rest, {
        found: true,
        repository: 'chest',
        tag: '0.2.0_gold',
        digest,
        name: 'chest',
        version: '0.2.0+gold',
        appVersion: '1.2',
        description: '',
        type: 'application',
        dependencies: [],
        provenance: { present: true, matches: true },
      })
      // Helm 4 sorts the layers by their digests.
      assert.deepEqual(
        { ...mediaTypes, layers: mediaTypes.layers.toSorted() },
        {
          manifest: chartTypes.manifest,
          config: chartTypes.config,
          layers: [chartTypes.content, chartTypes.provenance],
        },
      )
      assert.match(packed, /chest-0\.2\.0\+gold\.tgz$/)
      assert.deepEqual(files, ['Chart.yaml', ...templates, 'values.yaml'])
      assert.deepEqual(templates, [
        ...['templates/NOTES.txt', 'templates/note.yaml', 'templates/slow.yaml'],
        ...['templates/test.yaml', 'templates/web.yaml'],
      ])
      assert.deepEqual([values['gold'], values['deep']], [1, { a: 1, b: 2 }])
      assert.equal(annotations['org.opencontainers.image.title'], 'chest')
      const [seen, ...others] = evidence
      assert.deepEqual(others, [])
      assert.deepEqual(
        [seen?.what, seen?.revision, seen?.where],
        ['image', digest, `${host}/tara/chest:0.2.0_gold`],
      )
      assert.deepEqual((await lookIn(images, { version: '0.2.0+gold' })).facts, facts)
      assert.equal((await lookIn(images, { version: '0.10.0-rc.1' })).facts.version, '0.10.0-rc.1')
      assert.equal((await lookIn(images, { version: '0.3.0' })).facts.found, false)
      assert.equal((await lookIn(images, { repository: 'other' })).facts.found, false)
    })

    it('lists what it depends on, and agrees with itself however Chart.yaml is written', async (context) => {
      const { images, push, dir } = await scene(context, helm)
      const written =
        'apiVersion: v2\nname: chest\nversion: 0.4.0\nappVersion: 1.20\ndescription: "gold\\n and\\tmore"\n' +
        'dependencies:\n- { name: lamp, version: ^1.0.0, repository: "", alias: light, condition: light.on }\n'
      const lamp = join(dir, 'chest/charts/lamp')
      await push('0.3.0')
      await run('mkdir', ['-p', lamp])
      await writeFile(join(lamp, 'Chart.yaml'), 'apiVersion: v2\nname: lamp\nversion: 1.0.1\ntype: library\n')
      await writeFile(join(dir, 'chest/Chart.yaml'), written)
      await push(null)
      const { facts } = await lookIn(images, {})
      assert.deepEqual(facts.dependencies, [
        { name: 'lamp', version: '^1.0.0', repository: '', alias: 'light', condition: 'light.on' },
      ])
      assert.equal(facts.appVersion, '1.2')
      assert.ok(facts.files.includes('charts/lamp/Chart.yaml'))
      assert.ok(!facts.templates.some((name) => name.startsWith('charts/')))
    })
  })

interface Scene {
  dir: string
  host: string
  images: ImageReader
  /** Packages and pushes; null leaves Chart.yaml as it is. `signed`: with a provenance file. */
  push: (version: string | null, signed?: boolean) => Promise<{ packed: string; digest: string }>
}

async function scene(context: TestContext, helm: string): Promise<Scene> {
  const registry = await openRegistry()
  const dir = await mkdtemp(join(tmpdir(), 'shambhala-chart-'))
  context.after(async () => {
    await registry.close()
    await rm(dir, { recursive: true, force: true })
  })
  const program = tool(helm)
  return {
    dir,
    host: registry.host,
    images: registry.images('tara'),
    async push(version, signed = false) {
      if (version !== null) await writeChart(dir, version)
      const said = await run(program, ['package', join(dir, 'chest'), '--destination', dir])
      const packed = /saved it to: (.*\.tgz)/.exec(said)?.[1] ?? ''
      // Without a key of GnuPG: what is signed is the same, and helm pushes whatever stands beside the package.
      if (signed) {
        const line = `files:\n  chest.tgz: sha256:${sha256(await readFile(packed))}\n`
        await writeFile(`${packed}.prov`, `-----BEGIN PGP SIGNED MESSAGE-----\n${line}`)
      }
      const to = `oci://${registry.host}/tara`
      const pushed = await run('sh', ['-c', `"$0" push "$1" ${to} --plain-http 2>&1`, program, packed])
      return { packed, digest: /Digest: (\S+)/.exec(pushed)?.[1] ?? '' }
    },
  }
}

describe('a chart', () => {
  it('is read whatever the order of its layers, and a provenance of another package is told', async () => {
    const packed = content(await packageOf([yaml]))
    const provenance = { mediaType: chartTypes.provenance, bytes: Buffer.from(`sha256:${sha256('another')}`) }
    for (const layers of [
      [provenance, packed],
      [packed, provenance],
    ]) {
      const { facts } = await lookIn(chartReader({ layers }))
      assert.deepEqual(facts.provenance, { present: true, matches: false })
      assert.deepEqual(
        [facts.name, facts.files, facts.values, facts.annotations],
        ['chest', ['Chart.yaml'], {}, {}],
      )
    }
  })

  it('that is pushed again under its tag meanwhile is the same one for all checks of a submission', async () => {
    const first = chartReader({ layers: [content(await packageOf([yaml]))] })
    const second = chartReader({
      layers: [content(await packageOf([yaml]))],
      annotations: { pushed: 'again' },
    })
    const [base, spec] = [contextOf(null), check.spec.parse({ repository: 'chest', version: '0.1.0' })]
    const one = await check.look(spec, { ...base, board: { registry: first } })
    const two = await check.look(spec, { ...base, board: { registry: second } })
    assert.deepEqual(two, { ...one, evidence: [{ ...one.evidence[0], at: two.evidence[0]?.at }] })
  })

  it('whose Chart.yaml is not what stands beside it is told to be packaged again', async () => {
    const layers = [content(await packageOf([yaml]))]
    for (const [key, config] of Object.entries({
      name: { ...about, name: 'other' },
      version: { ...about, version: '0.2.0' },
      appVersion: { ...about, appVersion: '1.20' },
      type: { ...about, type: 'library' },
      dependencies: { ...about, dependencies: [{ name: 'lamp', version: '1.0.0' }] },
    }))
      await assert.rejects(
        lookIn(chartReader({ layers, config })),
        tells(
          new RegExp(`^${key} in the chart’s Chart.yaml is not`),
          new RegExp(`^${key} dans le Chart.yaml`),
        ),
      )
    await assert.rejects(lookIn(chartReader({ layers: [content(await packageOf([]))] })), PlayerFault)
  })

  it('is no image, no index, and has one package', async () => {
    const packed = content(await packageOf([yaml]))
    const imageType = 'application/vnd.oci.image.config.v1+json'
    await assert.rejects(
      lookIn(chartReader({ layers: [packed], configType: imageType })),
      tells(/chest:0\.1\.0 is no chart.*image\.config.*helm push/, /n’est pas un chart.*helm push/),
    )
    await assert.rejects(lookIn(chartReader({ layers: [] })), tells(/no package/, /pas de paquet/))
    await assert.rejects(
      lookIn(chartReader({ layers: [packed, packed] })),
      tells(/several layers/, /plusieurs couches/),
    )
    const lost = { ...chartReader({ layers: [packed] }), blob: () => Promise.resolve(null) }
    await assert.rejects(lookIn(lost), tells(/is not in the registry/, /n’est pas dans le registre/))
  })

  it('that leads out of its folder, or holds links and devices, is refused', async () => {
    const names = [
      'chest/../../etc/passwd',
      '/etc/passwd',
      'chest/./x',
      'chest//x',
      'chest\\..\\x',
      'chest/\u0007',
    ]
    for (const name of names)
      await assert.rejects(lookAtPackage({ name }), tells(/leads elsewhere/, /mène ailleurs/), name)
    for (const type of ['symlink', 'link', 'character-device', 'block-device', 'fifo'] as const)
      await assert.rejects(
        lookAtPackage({ name: 'chest/values.yaml', type, linkname: '/etc/passwd' }),
        tells(/neither file nor folder/, /ni fichier ni dossier/),
      )
    await assert.rejects(lookAtPackage({ name: 'other/x' }), tells(/one folder/, /un seul dossier/))
    await assert.rejects(lookAtPackage(yaml), tells(/there twice/, /deux fois/))
  })

  it('that unpacks to more than is read of it is refused', async () => {
    const zeros = Buffer.alloc(33 * 2 ** 20)
    const large = (english: RegExp, french: RegExp) => tells(english, french, TooLarge)
    await assert.rejects(
      lookAtPackage({ name: 'chest/zeros', text: zeros }),
      large(/33554432 bytes unpacked/, /33554432 octets une fois déballé/),
    )
    const endless = Buffer.concat([await packageOf([yaml]), gzipSync(zeros)])
    await assert.rejects(lookIn(chartReader({ layers: [content(endless)] })), large(/unpacked/, /déballé/))
    await assert.rejects(
      lookAtPackage(...Array.from({ length: 2000 }, (_, index) => ({ name: `chest/${index}` }))),
      large(/2000 entries/, /2000 entrées/),
    )
    const deep = { name: `chest/${'a/'.repeat(30)}b` }
    await assert.rejects(lookAtPackage(deep), large(/20 folders/, /20 dossiers/))
    const long = { name: 'chest/values.yaml', text: zeros.subarray(0, 2 ** 20 + 1) }
    await assert.rejects(lookAtPackage(long), large(/1048576 bytes/, /1048576 octets/))
  })

  it('whose values are bombs or no keys is refused', async () => {
    const values = (text: string) => lookAtPackage({ name: 'chest/values.yaml', text })
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1,1]']
    for (const [key, before] of ['ba', 'cb', 'dc', 'ed', 'fe'])
      bomb.push(`${key}: &${key} [${Array.from({ length: 10 }, () => `*${before}`).join()}]`)
    const many = `a: [${'1,'.repeat(20_000)}]`
    for (const text of [
      bomb.join('\n'),
      many,
      'a: '.concat('['.repeat(5000)),
      'a: [1',
      '- 1',
      'a: 1\n---\nb: 2',
    ])
      await assert.rejects(values(text), tells(/values\.yaml/, /values\.yaml/))
    await assert.rejects(values(`a: ${'x'.repeat(300_000)}`), TooLarge)
    assert.deepEqual((await values('on: 1\nmode: 0644\nday: 2024-01-01\nempty:\n')).facts.values, {
      true: 1,
      mode: 420,
      day: '2024-01-01',
      empty: null,
    })
  })

  it('that is cut, or no gzip, cannot be unpacked', async () => {
    const packed = await packageOf([yaml])
    for (const bytes of [Buffer.from('chart'), packed.subarray(0, packed.length - 20), Buffer.alloc(0)])
      await assert.rejects(
        lookIn(chartReader({ layers: [content(bytes)] })),
        tells(/is no chart/, /n’est pas un chart/),
      )
  })

  it('is ours to read again when the time is over amid it', async () => {
    const reader = chartReader({
      layers: [content(await packageOf([yaml, { name: 'chest/x', text: 'late' }]))],
    })
    const stop = new AbortController()
    const blob: ImageReader['blob'] = async (...args) => {
      const bytes = await reader.blob(...args)
      if (bytes?.[0] === 0x1f) stop.abort()
      return bytes
    }
    const looking = check.look(check.spec.parse({ repository: 'chest', version: '0.1.0' }), {
      ...contextOf(null, { signal: stop.signal }),
      board: { registry: { ...reader, blob } },
    })
    await assert.rejects(looking, Inconclusive)
  })

  it('is not guessed among more tags than are listed', async () => {
    const reader = chartReader({ layers: [] })
    const tags = () => Promise.resolve({ tags: ['0.1.0'], truncated: true })
    await assert.rejects(lookIn({ ...reader, tags }, {}), tells(/delete some/, /supprimes-en/, TooLarge))
  })
})
