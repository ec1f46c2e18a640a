import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'

const run = promisify(execFile)
const chart = join(packageRoot(), 'charts', 'village')

interface Manifest {
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  /** Absent in a Secret. */
  spec?: {
    replicas?: number
    ingressClassName?: string
    rules?: { host: string }[]
    template?: { spec: PodSpec }
  }
}
interface PodSpec {
  containers: {
    image: string
    env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string } } }[]
  }[]
}

const settings = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`])

for (const helm of ['helm3', 'helm4']) {
  const skip = lacksTools(helm)

  const render = async (values: Record<string, string>): Promise<Manifest[]> => {
    const { stdout } = await run(tool(helm), ['template', 'home', chart, ...settings(values)])
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
  }
  const named = (manifests: Manifest[], kind: string, name: string): Manifest => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)
    assert.ok(found, `no ${kind} ${name}`)
    return found
  }
  const environment = (manifests: Manifest[], name: string) =>
    named(manifests, 'Deployment', name).spec?.template?.spec.containers[0]?.env ?? []

  void test(
    `${helm} finds nothing to say against the village, with an ingress and without`,
    { skip },
    async () => {
      for (const values of [{}, { 'ingress.enabled': 'true', 'ingress.host': 'home.example.org' }]) {
        const { stdout } = await run(tool(helm), ['lint', '--strict', chart, ...settings(values)])
        assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/)
        assert.doesNotMatch(stdout, /\[(WARNING|ERROR)\]/)
      }
    },
  )

  void test(`${helm} puts a player's values where they belong`, { skip }, async () => {
    const manifests = await render({
      greeting: 'Namaste',
      'front.replicas': '3',
      'image.repository': 'registry.example.org/alice/village',
      'image.tag': '2.0',
      'ingress.enabled': 'true',
      'ingress.className': 'hunt',
      'ingress.host': 'home.example.org',
    })
    const front = named(manifests, 'Deployment', 'home-front')
    assert.equal(front.spec?.replicas, 3)
    assert.deepEqual(environment(manifests, 'home-front')[0], { name: 'GREETING', value: 'Namaste' })
    const images = manifests.flatMap(
      (one) => one.spec?.template?.spec.containers.map(({ image }) => image) ?? [],
    )
    assert.deepEqual(images, Array<string>(3).fill('registry.example.org/alice/village:2.0'))
    const ingress = named(manifests, 'Ingress', 'home-front')
    assert.equal(ingress.spec?.ingressClassName, 'hunt')
    assert.deepEqual(
      ingress.spec.rules?.map(({ host }) => host),
      ['home.example.org'],
    )
  })

  void test(`${helm} makes a password unless the player names a Secret`, { skip }, async () => {
    const secretOf = (manifests: Manifest[], name: string) =>
      environment(manifests, name).find((one) => one.name === 'DATABASE_PASSWORD')?.valueFrom?.secretKeyRef
        .name
    const own = await render({})
    named(own, 'Secret', 'home-database')
    const given = await render({ 'database.existingSecret': 'treasure' })
    assert.ok(!given.some(({ kind }) => kind === 'Secret'))
    for (const name of ['home-api', 'home-database']) {
      assert.equal(secretOf(own, name), 'home-database')
      assert.equal(secretOf(given, name), 'treasure')
    }
  })

  void test(`${helm} offers a visit as the release's test`, { skip }, async () => {
    const hooks = (await render({})).filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test',
    )
    assert.deepEqual(
      hooks.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Pod home-visit'],
    )
  })

  void test(`${helm} names the value that cannot be`, { skip }, async () => {
    const refused: [Record<string, string>, RegExp][] = [
      [{ 'ingress.enabled': 'true' }, /ingress\/host/],
      [{ 'front.replica': '2' }, /front.*replica/],
      [{ 'front.replicas': '-1' }, /front\/replicas/],
      [{ 'image.repository': 'alice/village:2.0' }, /image\/repository/],
    ]
    for (const [values, named] of refused) await assert.rejects(render(values), named)
  })
}
