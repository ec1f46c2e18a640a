import type { ClusterSettings } from '../../core/board-file.ts'
import type { ApiServerCall } from './connection.ts'
import type { NamespaceSpec } from './types.ts'

/** One thing that is tried with a player's credentials. Nothing is really made: writes are dry runs, which admission judges all the same. */
export interface Attempt {
  id: string
  expected: 'refused' | 'allowed'
  path: string
  call: ApiServerCall
}

const dryRun = { dryRun: 'All' }
const name = 'isolation-probe'

/** `image`: one that the player may run. `other`: a namespace that is not the player's. */
export function attemptsFor(
  spec: NamespaceSpec,
  { settings, image, other }: { settings: ClusterSettings; image: string; other: string },
): Attempt[] {
  const own = `/api/v1/namespaces/${spec.name}`
  const apps = `/apis/apps/v1/namespaces/${spec.name}`
  const net = `/apis/networking.k8s.io/v1/namespaces/${spec.name}`
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  return [
    ...refusedReads(spec, other),
    refused('raise-own-quota', `${own}/resourcequotas/hunt`, patch({ spec: { hard: { pods: '1000' } } })),
    refused('remove-own-limits', `${own}/limitranges/hunt`, { method: 'DELETE', query: dryRun }),
    refused(
      'open-own-network',
      `${net}/networkpolicies`,
      create('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {}, egress: [{}] }),
    ),
    refused(
      'relabel-own-namespace',
      own,
      patch({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } }),
    ),
    refused('make-a-role', `${rbac}/namespaces/${spec.name}/roles`, {
      ...create('rbac.authorization.k8s.io/v1', 'Role', undefined, {
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      }),
    }),
    refused('bind-a-role', `${rbac}/namespaces/${spec.name}/rolebindings`, bind('RoleBinding', 'admin')),
    refused(
      'bind-for-the-cluster',
      `${rbac}/clusterrolebindings`,
      bind('ClusterRoleBinding', 'cluster-admin'),
    ),
    refused('token-of-another-account', `${own}/serviceaccounts/default/token`, {
      method: 'POST',
      query: dryRun,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    }),
    refused(
      'lasting-token',
      `${own}/secrets`,
      create(
        'v1',
        'Secret',
        undefined,
        { type: 'kubernetes.io/service-account-token' },
        { annotations: { 'kubernetes.io/service-account.name': 'player' } },
      ),
    ),
    ...refusedPods(own, image),
    ...refusedServices(own),
    ...(settings.ingress ? refusedIngresses(net, settings.ingress.className) : []),
    refused('foreign-image', `${own}/pods`, pod('registry.invalid/stranger/image:1')),
    refused('delete-all-at-once', `${own}/secrets`, { method: 'DELETE', query: dryRun }),
    allowed('list-own-pods', `${own}/pods`, {}),
    allowed('read-own-quota', `${own}/resourcequotas/hunt`, {}),
    allowed('read-own-events', `${own}/events`, {}),
    allowed(
      'make-a-config-map',
      `${own}/configmaps`,
      create('v1', 'ConfigMap', undefined, { data: { a: 'b' } }),
    ),
    allowed(
      'make-a-secret',
      `${own}/secrets`,
      create('v1', 'Secret', undefined, { type: 'helm.sh/release.v1' }),
    ),
    allowed('make-a-pod', `${own}/pods`, pod(image)),
    allowed(
      'make-a-service',
      `${own}/services`,
      create('v1', 'Service', { selector: { app: name }, ports: [{ port: 80 }] }),
    ),
    allowed('make-a-deployment', `${apps}/deployments`, deployment(image)),
    ...(settings.ingress
      ? [
          allowed(
            'make-an-ingress',
            `${net}/ingresses`,
            ingress(`${spec.slug}.${settings.ingress.domain}`, settings.ingress.className),
          ),
        ]
      : []),
  ]
}

function refusedReads(spec: NamespaceSpec, other: string): Attempt[] {
  return [
    refused('list-all-pods', '/api/v1/pods', {}),
    refused('list-all-secrets', '/api/v1/secrets', {}),
    refused('list-namespaces', '/api/v1/namespaces', {}),
    refused('list-nodes', '/api/v1/nodes', {}),
    refused('read-another-namespace', `/api/v1/namespaces/${other}/pods`, {}),
    refused('read-anothers-secrets', `/api/v1/namespaces/${other}/secrets`, {}),
    refused(
      'write-to-another-namespace',
      `/api/v1/namespaces/${other}/configmaps`,
      create('v1', 'ConfigMap'),
    ),
    refused('make-a-namespace', '/api/v1/namespaces', create('v1', 'Namespace')),
    refused('impersonate', `/api/v1/namespaces/${spec.name}/pods`, {
      headers: { 'Impersonate-User': 'system:admin' },
    }),
  ]
}

function refusedPods(own: string, image: string): Attempt[] {
  const pods = `${own}/pods`
  return [
    refused('privileged-pod', pods, pod(image, {}, { privileged: true, allowPrivilegeEscalation: true })),
    refused('pod-as-root', pods, pod(image, {}, { runAsNonRoot: false, runAsUser: 0 })),
    refused('host-path', pods, pod(image, { volumes: [{ name: 'host', hostPath: { path: '/' } }] })),
    refused('host-network', pods, pod(image, { hostNetwork: true })),
    refused('host-processes', pods, pod(image, { hostPID: true })),
    refused('host-port', pods, pod(image, {}, {}, { ports: [{ containerPort: 80, hostPort: 80 }] })),
  ]
}

function refusedServices(own: string): Attempt[] {
  const services = `${own}/services`
  const ports = [{ port: 80 }]
  const selector = { app: name }
  return [
    refused('node-port', services, create('v1', 'Service', { type: 'NodePort', selector, ports })),
    refused('load-balancer', services, create('v1', 'Service', { type: 'LoadBalancer', selector, ports })),
    refused(
      'external-ips',
      services,
      create('v1', 'Service', { externalIPs: ['192.0.2.1'], selector, ports }),
    ),
    refused(
      'external-name',
      services,
      create('v1', 'Service', { type: 'ExternalName', externalName: 'example.com' }),
    ),
  ]
}

function refusedIngresses(net: string, className: string): Attempt[] {
  const ingresses = `${net}/ingresses`
  return [
    refused('foreign-host', ingresses, ingress('neighbour.example.com', className)),
    refused('ingress-for-every-host', ingresses, ingress(undefined, className)),
  ]
}

function refused(id: string, path: string, call: ApiServerCall): Attempt {
  return { id, expected: 'refused', path, call }
}

function allowed(id: string, path: string, call: ApiServerCall): Attempt {
  return { id, expected: 'allowed', path, call }
}

function create(
  apiVersion: string,
  kind: string,
  spec?: unknown,
  rest: object = {},
  metadata: object = {},
): ApiServerCall {
  const body = {
    apiVersion,
    kind,
    metadata: { name, ...metadata },
    ...(spec !== undefined && { spec }),
    ...rest,
  }
  return { method: 'POST', query: dryRun, body }
}

function patch(body: unknown): ApiServerCall {
  return { method: 'PATCH', contentType: 'application/merge-patch+json', query: dryRun, body }
}

function bind(kind: 'RoleBinding' | 'ClusterRoleBinding', role: string): ApiServerCall {
  const apiGroup = 'rbac.authorization.k8s.io'
  const subjects = [{ kind: 'ServiceAccount', name: 'player', namespace: 'default' }]
  return create(`${apiGroup}/v1`, kind, undefined, {
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects,
  })
}

function podSpec(image: string, spec: object = {}, security: object = {}, container: object = {}) {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...security },
        ...container,
      },
    ],
    ...spec,
  }
}

function pod(image: string, spec?: object, security?: object, container?: object): ApiServerCall {
  return create('v1', 'Pod', podSpec(image, spec, security, container))
}

function deployment(image: string): ApiServerCall {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: podSpec(image) }
  return create('apps/v1', 'Deployment', { selector: { matchLabels: labels }, template })
}

function ingress(host: string | undefined, ingressClassName: string): ApiServerCall {
  const backend = { service: { name, port: { number: 80 } } }
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
  return create('networking.k8s.io/v1', 'Ingress', {
    ingressClassName,
    rules: [{ ...(host !== undefined && { host }), http }],
  })
}
