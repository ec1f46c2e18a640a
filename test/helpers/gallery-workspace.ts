import { workspaceStates } from '../../src/core/workspace.ts'
import type { DiagnosisModel } from '../../src/web/models/diagnosis.ts'
import type { DeskWorkspaceRow, DeskWorkspacesPage } from '../../src/web/desk/workspaces/model.ts'
import type { ClusterModel, QuotaRow, WorkspacePage } from '../../src/web/models/workspace.ts'

const namespace = 'hunt-maximilienne'
const staging = { name: `${namespace}-staging`, environment: 'staging' }

/** A workspace on a cluster in every state that looks different. */
export function clusterSamples() {
  const open: ClusterModel = {
    state: 'ready',
    open: true,
    namespace,
    environments: [staging],
    before: 0,
    again: false,
    steps: [
      { what: 'repositories', name: '', state: 'done' },
      { what: 'namespace', name: namespace, state: 'done' },
      { what: 'namespace', name: staging.name, state: 'done' },
      { what: 'probe', name: '', state: 'done' },
    ],
    hostSuffix: 'maximilienne.play.example.org',
    call: {
      address: 'http://maximilienne.play.example.org/',
      curl: 'curl -i http://maximilienne.play.example.org/',
      names: 'there' as const,
      at: '',
    },
    expiresAt: '2027-03-26T19:41:07+01:00',
    nextTry: null,
    notice: null,
    curl: 'curl -fsS -H "Authorization: Bearer $TOKEN" http://192.168.178.23:8080/api/v1/workspace/kubeconfig > hunt.kubeconfig\nexport KUBECONFIG="$PWD/hunt.kubeconfig"\nkubectl get pods',
  }
  const steps = (...states: ClusterModel['steps'][number]['state'][]) =>
    open.steps.map((step, index) => ({ ...step, state: states[index] ?? 'later' }))
  const closed = { ...open, open: false, hostSuffix: null, call: null, expiresAt: null }
  return {
    ready: open,
    expiring: { ...open, state: 'expiring' as const },
    requested: { ...closed, state: 'requested' as const, steps: steps('now') },
    waiting: { ...closed, state: 'waiting' as const, before: 9, steps: steps('done') },
    next: { ...closed, state: 'waiting' as const, before: 0, steps: steps('done') },
    creating: { ...closed, state: 'creating' as const, steps: steps('done', 'done', 'now') },
    probing: { ...closed, state: 'probing' as const, steps: steps('done', 'done', 'done', 'now') },
    again: {
      ...closed,
      state: 'failed' as const,
      nextTry: '2027-03-12T19:44:00+01:00',
      steps: steps('done', 'held'),
    },
    told: { ...closed, state: 'failed' as const, steps: steps('done', 'done', 'done', 'held') },
    deleting: { ...closed, state: 'deleting' as const, again: true, steps: [] },
    gone: { ...closed, state: 'gone' as const, steps: [] },
    unnamed: {
      ...open,
      call: {
        address: 'http://maximilienne.play.localhost:8081/',
        curl: 'curl -i --connect-to "::192.168.178.23:8081" http://maximilienne.play.localhost:8081/',
        names: 'own' as const,
        at: '192.168.178.23',
      },
    },
    lost: { ...open, notice: { what: 'lost' as const, at: '2027-03-12T19:44:00+01:00', items: [namespace] } },
    freed: {
      ...open,
      notice: {
        what: 'freed' as const,
        at: '2027-03-12T19:44:00+01:00',
        items: [
          `${namespace}: PersistentVolumeClaim treasure-of-the-hidden-kingdom: example.org/never-ever-and-ever`,
        ],
      },
    },
  } satisfies Record<string, ClusterModel>
}

export function quotaSample(): NonNullable<WorkspacePage['quota']> {
  const row = (name: string, used: string, hard: string, value: number, max: number): QuotaRow => ({
    name,
    used,
    hard,
    value,
    max,
    high: max * 0.8,
  })
  const rows = [
    row('cpu', '250m', '2', 0.25, 2),
    row('memory', '256Mi', '1Gi', 256, 1024),
    row('disk', '0', '2Gi', 0, 2048),
    row('pods', '9', '10', 9, 10),
    row('storage', '1Gi', '1Gi', 1, 1),
    row('claims', '2', '2', 2, 2),
    row('services', '1', '10', 1, 10),
    row('deployments', '1', '10', 1, 10),
    row('ingresses', '0', '5', 0, 5),
    row('jobs', '0', '5', 0, 5),
    row('secrets', '3', '40', 3, 40),
    row('configmaps', '2', '20', 2, 20),
  ]
  return [
    { namespace, rows },
    { namespace: staging.name, rows: rows.slice(0, 4) },
  ]
}

export function diagnosisSample(): DiagnosisModel {
  const log = Array.from({ length: 6 }, (_, index) => `${index} listening on :8080 ${'x'.repeat(30 * index)}`)
  return {
    problems: [
      {
        code: 'crash-loop',
        text: 'Deployment/bell: container ring ends again and again, with exit code 1; it was restarted 4 times. Its last line: no clapper',
        log: log.join('\n'),
        heals: false,
        ours: false,
      },
      {
        code: 'readiness-failing',
        text: 'Deployment/bell: container ring runs, but its readiness probe (GET / port 8080) fails: connection refused',
        log: '',
        heals: true,
        ours: false,
      },
      {
        code: 'unschedulable',
        text: 'Deployment/bell: no node of the cluster has room for the pod.',
        log: '',
        heals: true,
        ours: true,
      },
    ],
    more: 2,
  }
}

export function deskWorkspacesSample(names: readonly string[]): DeskWorkspacesPage {
  const row = (index: number, over: Partial<DeskWorkspaceRow> = {}): DeskWorkspaceRow => ({
    slug: `player${index}`,
    name: names[index] ?? null,
    state: 'ready',
    cluster: 'north',
    age: { unit: 'days', count: index },
    changedAt: '2027-03-12T18:00:00+01:00',
    expiresAt: '2027-03-26T19:41:07+01:00',
    trouble: null,
    mayRepair: false,
    mayReset: true,
    ...over,
  })
  const surprises = [
    {
      id: 'hunt-player0/metadata-address',
      expected: 'refused',
      saw: 'http://169.254.169.254/ answered 200 within 12 ms',
    },
    { id: 'hunt-player0/create-pod', expected: 'allowed', saw: `403 ${'forbidden '.repeat(12)}` },
  ]
  const reason =
    'the API server answered 500: Internal error occurred: failed calling webhook "validate.example.org": connection refused'
  const failed = { state: 'failed' as const, mayRepair: true, expiresAt: null }
  const nextTry = '2027-03-12T19:44:00+01:00'
  return {
    states: ['waiting', 'creating', 'ready', 'deleting', 'failed'],
    choices: workspaceStates,
    clusters: [
      { name: 'north', capacity: 500, used: 231, counts: countsOf(0, 2, 226, 1, 2) },
      { name: 'south', capacity: null, used: 1, counts: countsOf(0, 0, 1, 0, 0) },
      { name: null, capacity: null, used: 0, counts: countsOf(9, 0, 0, 0, 0) },
    ],
    filter: { find: '', state: '', cluster: 'north' },
    rows: [
      row(0, { ...failed, trouble: { reason: 'x', surprises, attempt: 1, nextTry: null } }),
      row(1, { ...failed, trouble: { reason, surprises: [], attempt: 7, nextTry } }),
      row(2, {
        state: 'deleting',
        name: null,
        mayReset: false,
        mayRepair: true,
        trouble: {
          surprises: [],
          attempt: 1,
          nextTry,
          reason: 'hunt-player2: Some content in the namespace has finalizers remaining',
        },
      }),
      row(3, { age: { unit: 'minutes', count: 1 } }),
      row(4, { state: 'waiting', cluster: null, expiresAt: null, mayReset: false }),
    ],
    more: true,
  }
}

function countsOf(...counts: number[]): DeskWorkspacesPage['clusters'][number]['counts'] {
  const states = ['waiting', 'creating', 'ready', 'deleting', 'failed'] as const
  return states.map((state, index) => ({ state, count: counts[index] ?? 0 }))
}
