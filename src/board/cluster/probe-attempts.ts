import type { ClusterSettings } from '../../core/board-file.ts'
import type { ApiServerCall } from './connection.ts'
import { bind, create, deployment, dryRun, ingress, patch, pod, probeName } from './probe-calls.ts'
import type { NamespaceSpec } from './types.ts'

type IngressSettings = NonNullable<ClusterSettings['ingress']>

/** One thing that is tried with a player's credentials. Nothing is really made: writes are dry runs, which admission judges all the same. */
export interface Attempt {
  id: string
  expected: 'refused' | 'allowed'
  path: string
  call: ApiServerCall
}

/** `image`: one that the player may run. `other`: a namespace that is not the player's. */
export function attemptsFor(
  spec: NamespaceSpec,
  { settings, image, other }: { settings: ClusterSettings; image: string; other: string },
): Attempt[] {
  const paths = pathsOf(spec)
  const { own, net } = paths
  return [
    ...refusedReads(spec, other),
    ...refusedLimits(paths),
    ...refusedRights(paths),
    ...refusedPods(own, image),
    ...refusedServices(own),
    ...(settings.ingress ? refusedIngresses(net, settings.ingress.className) : []),
    refused('foreign-image', `${own}/pods`, pod('registry.invalid/stranger/image:1')),
    refused('delete-all-at-once', `${own}/secrets`, { method: 'DELETE', query: dryRun }),
    ...allowedInOwn(paths, image),
    ...(settings.ingress ? [allowedIngress(net, spec.slug, settings.ingress)] : []),
  ]
}

/** Where the objects of the player's namespace are, by API group. */
interface Paths {
  own: string
  apps: string
  net: string
  rbac: string
}

const rbacGroup = '/apis/rbac.authorization.k8s.io/v1'

function pathsOf({ name }: NamespaceSpec): Paths {
  return {
    own: `/api/v1/namespaces/${name}`,
    apps: `/apis/apps/v1/namespaces/${name}`,
    net: `/apis/networking.k8s.io/v1/namespaces/${name}`,
    rbac: `${rbacGroup}/namespaces/${name}`,
  }
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

function refusedLimits({ own, net }: Paths): Attempt[] {
  return [
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
  ]
}

function refusedRights({ own, rbac }: Paths): Attempt[] {
  return [
    refused(
      'make-a-role',
      `${rbac}/roles`,
      create('rbac.authorization.k8s.io/v1', 'Role', undefined, {
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      }),
    ),
    refused('bind-a-role', `${rbac}/rolebindings`, bind('RoleBinding', 'admin')),
    refused(
      'bind-for-the-cluster',
      `${rbacGroup}/clusterrolebindings`,
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
  const selector = { app: probeName }
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

function allowedInOwn({ own, apps }: Paths, image: string): Attempt[] {
  return [
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
      create('v1', 'Service', { selector: { app: probeName }, ports: [{ port: 80 }] }),
    ),
    allowed('make-a-deployment', `${apps}/deployments`, deployment(image)),
  ]
}

function allowedIngress(net: string, slug: string, { domain, className }: IngressSettings): Attempt {
  return allowed('make-an-ingress', `${net}/ingresses`, ingress(`${slug}.${domain}`, className))
}

function refused(id: string, path: string, call: ApiServerCall): Attempt {
  return { id, expected: 'refused', path, call }
}

function allowed(id: string, path: string, call: ApiServerCall): Attempt {
  return { id, expected: 'allowed', path, call }
}
