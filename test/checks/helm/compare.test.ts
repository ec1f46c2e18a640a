import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstDifference } from '../../../src/checks/helm/compare.ts'
import { parseManifest } from '../../../src/checks/helm/manifest.ts'
import { computeValues } from '../../../src/checks/helm/values.ts'
import { PlayerFault, TooLarge } from '../../../src/lib/errors.ts'

const container = (image: string) => ({ name: 'web', image })

describe('a manifest and what is in the cluster', () => {
  it('match though the cluster adds fields, leaves empty ones out and writes quantities its own way', () => {
    const wanted = {
      metadata: { labels: {}, creationTimestamp: null },
      spec: {
        hostNetwork: false,
        note: '',
        cpu: 0.5,
        memory: '1024Mi',
        none: [],
        gone: { deep: '' },
        constructor: '',
      },
    }
    const live = { metadata: { name: 'a', uid: '1' }, spec: { cpu: '500m', memory: '1Gi', replicas: 1 } }
    assert.equal(firstDifference(wanted, live), null)
  })

  it('match where the chart says nothing and the cluster fills it in', () => {
    const port = { protocol: '', port: 80, targetPort: 0, nodePort: 0 }
    const wanted = {
      metadata: { creationTimestamp: null, namespace: '', annotations: null, labels: {}, finalizers: [] },
      spec: {
        replicas: null,
        strategy: {},
        clusterIP: '',
        tolerations: null,
        template: {
          metadata: { creationTimestamp: null },
          spec: {
            restartPolicy: '',
            dnsPolicy: '',
            volumes: [],
            nodeSelector: null,
            securityContext: {},
            containers: [{ name: 'web', imagePullPolicy: '', resources: {}, args: null, env: [] }],
          },
        },
        ports: [port],
      },
    }
    const live = {
      metadata: { creationTimestamp: '2026-03-01T10:00:00Z', namespace: 'hunt-tara', finalizers: ['x/y'] },
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate' },
        clusterIP: '10.96.0.7',
        template: {
          metadata: { creationTimestamp: null },
          spec: {
            restartPolicy: 'Always',
            dnsPolicy: 'ClusterFirst',
            securityContext: { runAsNonRoot: true },
            containers: [{ name: 'web', imagePullPolicy: 'IfNotPresent', env: null }],
          },
        },
        ports: [{ protocol: 'TCP', port: 80, targetPort: 80, nodePort: 30080 }],
      },
    }
    assert.equal(firstDifference(wanted, live), null)
  })

  it('differ where somebody has put something else than the cluster would', () => {
    const cases: [unknown, unknown, string][] = [
      [
        { c: [{ name: 'a', imagePullPolicy: '' }] },
        { c: [{ name: 'a', imagePullPolicy: 'Never' }] },
        'c[0].imagePullPolicy',
      ],
      [{ ports: [{ protocol: '' }] }, { ports: [{ protocol: 'UDP' }] }, 'ports[0].protocol'],
      [{ env: [{ name: 'A', value: '' }] }, { env: [{ name: 'A', value: 'x' }] }, 'env[0].value'],
      [{ data: { path: '', type: '' } }, { data: { path: '/', type: '' } }, 'data.path'],
      [{ labels: { type: '' } }, { labels: { type: 'Opaque' } }, 'labels.type'],
      [{ spec: { replicas: 0 } }, { spec: { replicas: 1 } }, 'spec.replicas'],
    ]
    for (const [wanted, live, path] of cases) assert.equal(firstDifference(wanted, live), path)
  })

  it('match by name where others have added containers', () => {
    const live = { containers: [{ name: 'sidecar' }, { ...container('web:1'), imagePullPolicy: 'Always' }] }
    assert.equal(firstDifference({ containers: [container('web:1')] }, live), null)
  })

  it('differ at the first path that is otherwise', () => {
    const cases: [unknown, unknown, string][] = [
      [{ spec: { replicas: 2 } }, { spec: { replicas: 3 } }, 'spec.replicas'],
      [{ data: { gold: '1' } }, { data: { gold: '' } }, 'data.gold'],
      [{ data: { gold: '' } }, { data: { gold: '1' } }, 'data.gold'],
      [{ data: { gold: '1' } }, {}, 'data.gold'],
      [{ c: [container('web:1')] }, { c: [container('web:2')] }, 'c[0].image'],
      [{ c: [container('web:1')] }, { c: [{ name: 'other' }] }, 'c[0]'],
      [{ args: ['a'] }, { args: ['a', 'b'] }, 'args'],
      [{ ports: [{ port: 1 }, { port: 2 }] }, { ports: [{ port: 1 }] }, 'ports[1]'],
      [{ ports: [{ port: 1 }] }, { ports: 'none' }, 'ports'],
      [{ cpu: '500m' }, { cpu: '0.6' }, 'cpu'],
      [{ a: { b: 1 } }, { a: 'text' }, 'a'],
      [{ a: true }, { a: 'true' }, 'a'],
    ]
    for (const [wanted, live, path] of cases) assert.equal(firstDifference(wanted, live), path)
  })
})

describe('what a chart rendered to', () => {
  const note = (rest: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n${rest}`

  it('is read as Helm reads it: octal modes, dates as text, lists taken apart', () => {
    const [only, ...none] = parseManifest(
      `---\n# Source: a\n${note('data: {mode: 0644, day: 2026-01-01, at: 1:30}')}\n---\n`,
    )
    assert.deepEqual(only?.['data'], { mode: 0o644, day: '2026-01-01', at: '1:30' })
    assert.deepEqual(none, [])
    const list = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n`
    assert.equal(parseManifest(list)[0]?.kind, 'Secret')
  })

  it('is refused where it is no YAML, no objects, or would lead to another address', () => {
    const bad = [
      'a: [',
      '42',
      note('').replace('note', '../secrets'),
      note('').replace('note', '..'),
      note('').replace('v1', '../api/v1'),
      note('').replace('ConfigMap', 'config/map'),
      'kind: ConfigMap',
      'kind: List\nitems: [null]',
    ]
    for (const text of bad)
      assert.throws(
        () => parseManifest(text),
        (error) => error instanceof PlayerFault && error.french !== undefined,
        text,
      )
  })

  it('is bounded in length, objects, depth and aliases', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`,
    )
    const depth = 70
    const large = [
      note(`data: {a: ${'x'.repeat(300_000)}}`),
      Array.from({ length: 101 }, () => note('')).join('\n---\n'),
      note(`data: ${'['.repeat(depth)}${']'.repeat(depth)}`),
      note(`data: ${'['.repeat(100_000)}`),
    ]
    for (const text of large) assert.throws(() => parseManifest(text), TooLarge)
    assert.throws(() => parseManifest(note(`a0: &a0 1\n${laughs.join('\n')}`)), PlayerFault)
  })
})

describe('values that templates see', () => {
  it('are the defaults under what was given; a null takes one away', () => {
    const defaults = { gold: 1, deep: { a: 1, b: 2 }, list: [1], gone: 1, never: null }
    const given = { deep: { b: 3, c: 4 }, list: [2], gone: null, own: null }
    const computed = { gold: 1, deep: { a: 1, b: 3, c: 4 }, list: [2], own: null }
    assert.deepEqual(computeValues(defaults, given), computed)
  })

  it('cannot reach a prototype', () => {
    const given = JSON.parse('{"__proto__": {"gold": 1}}') as Record<string, unknown>
    const computed = computeValues({}, given)
    assert.equal(computed['gold'], undefined)
    assert.ok(Object.hasOwn(computed, '__proto__'))
  })
})
