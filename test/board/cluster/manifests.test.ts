import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseAllDocuments, stringify } from 'yaml'
import { allowedImages } from '../../../src/board/cluster/image-names.ts'
import { manifestsFor } from '../../../src/board/cluster/manifests.ts'
import type { NamespaceSurroundings } from '../../../src/board/cluster/surroundings.ts'
import type { KubeObject, NamespaceSpec } from '../../../src/board/cluster/types.ts'
import { smallBudget, surroundings } from '../../helpers/board/player.ts'

const snapshot = join(import.meta.dirname, 'manifests.snapshot.yaml')
const spec: NamespaceSpec = {
  name: 'hunt-tara',
  slug: 'tara',
  hunt: 'spring',
  server: '0123456789ab',
  environment: '',
  budget: smallBudget,
}
const apiServer = { addresses: ['172.16.0.2', '2001:db8::2'], ports: [6443] }

interface PolicySpec {
  policyTypes: string[]
  ingress?: { from: unknown[] }[]
  egress?: { to: { ipBlock?: { cidr: string; except?: string[] } }[]; ports?: unknown[] }[]
}

function policy(
  name: string,
  of: Partial<NamespaceSpec['budget']['egress']>,
  around: NamespaceSurroundings,
): PolicySpec {
  const egress = { apiServer: false, internet: false, ...of }
  const objects = manifestsFor({ ...spec, budget: { ...smallBudget, egress } }, around)
  const found = objects.find((one) => one.kind === 'NetworkPolicy' && one.metadata.name === name)
  return found?.['spec'] as PolicySpec
}

describe('manifests of a namespace', () => {
  test('are those of the snapshot (UPDATE_SNAPSHOTS=1 writes it anew)', async () => {
    const objects = manifestsFor(spec, { ...surroundings(), apiServer })
    const text = objects.map((one) => stringify(one, { aliasDuplicateObjects: false })).join('---\n')
    if (process.env['UPDATE_SNAPSHOTS'] === '1') await writeFile(snapshot, text)
    const kept = parseAllDocuments(await readFile(snapshot, 'utf8')).map((one) => one.toJS() as KubeObject)
    assert.deepEqual(objects, kept)
  })

  test('keep pods from the API server and the Internet unless the budget opens them', () => {
    const around = { ...surroundings(), apiServer }
    assert.deepEqual(policy('hunt-api-server', {}, around).egress, [])
    assert.deepEqual(policy('hunt-internet', {}, around).egress, [])
    assert.deepEqual(policy('hunt-api-server', { apiServer: true }, around).egress, [
      {
        to: [{ ipBlock: { cidr: '172.16.0.2/32' } }, { ipBlock: { cidr: '2001:db8::2/128' } }],
        ports: [{ protocol: 'TCP', port: 6443 }],
      },
    ])
  })

  test('leave private networks, metadata addresses and the API server out of the Internet', () => {
    const around = { ...surroundings(), apiServer }
    const [rule] = policy('hunt-internet', { internet: true }, around).egress ?? []
    const except = rule?.to.flatMap(({ ipBlock }) => ipBlock?.except ?? []) ?? []
    const v4 = ['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']
    const azure = '168.63.129.16/32'
    for (const cidr of [
      ...v4,
      azure,
      'fc00::/7',
      'fe80::/9',
      '64:ff9b::/96',
      '172.16.0.2/32',
      '2001:db8::2/128',
    ])
      assert.ok(except.includes(cidr), cidr)
  })

  test('never leave a list of peers empty, which would mean everybody', () => {
    const { ingress, ...settings } = surroundings().settings
    assert.ok(ingress)
    const bare = { ...surroundings(), settings, board: { services: [], images: [] } }
    for (const name of ['hunt-from-ingress', 'hunt-from-api-server', 'hunt-services', 'hunt-api-server'])
      assert.deepEqual(Object.values(policy(name, { apiServer: true }, bare)).at(-1), [], name)
  })

  test('log pods in to the registry by a Secret that the accounts name', () => {
    const objects = manifestsFor(spec, surroundings())
    const login = objects.find(({ kind }) => kind === 'Secret')
    const { '.dockerconfigjson': text = '' } = login?.['data'] as Record<string, string>
    const auth = Buffer.from('tara:of tara').toString('base64')
    assert.deepEqual(JSON.parse(Buffer.from(text, 'base64').toString()), {
      auths: { 'registry.example.org:5000': { auth } },
    })
    for (const account of objects.filter(({ kind }) => kind === 'ServiceAccount'))
      assert.deepEqual(account['imagePullSecrets'], [{ name: 'registry' }])
  })

  test('have no Secret where the board has no registry', () => {
    const { registry, pullPassword, ...bare } = surroundings()
    assert.ok(registry && pullPassword)
    assert.ok(manifestsFor(spec, bare).every(({ kind }) => kind !== 'Secret'))
  })

  test('say no host, class or image where the cluster has no ingress and no registry', () => {
    const { ingress, ...settings } = surroundings().settings
    assert.ok(ingress)
    const [namespace] = manifestsFor(spec, {
      settings,
      board: { services: [], images: [] },
      masterUser: 'admin',
    })
    const { annotations = {} } = namespace?.metadata ?? {}
    for (const key of ['host-suffix', 'ingress-class', 'images', 'gateway'])
      assert.equal(annotations[`shambhala.dev/${key}`], '', key)
  })
})

describe('images that a player may run', () => {
  const cases: [string, string[]][] = [
    ['busybox', ['docker.io/library/busybox']],
    ['busybox:1.36', ['docker.io/library/busybox:1.36']],
    ['tara/', ['docker.io/tara']],
    ['tara/web', ['docker.io/tara/web']],
    ['docker.io/tara', ['docker.io/library/tara', 'docker.io/tara']],
    ['index.docker.io/tara/web', ['docker.io/tara/web']],
    ['registry.example.org', ['registry.example.org']],
    ['registry.example.org:5000/hunt//', ['registry.example.org:5000/hunt']],
    ['localhost/web', ['localhost/web']],
  ]
  for (const [written, full] of cases)
    test(`${written} means ${full.join(' or ')}`, () => {
      assert.deepEqual(allowedImages('tara', [written]), full)
    })

  test('are the own path and hunt/ of a registry, even one without dots in its name', () => {
    const expected = ['registry:5000/hunt', 'registry:5000/tara']
    assert.deepEqual(allowedImages('tara', [], 'registry:5000'), expected)
  })
})
