import { contentKinds, groupOf, openKinds, type PlayerKind } from './player-kinds.ts'
import { masterNamespaceRole, playerAccount, playerRole, pullSecret } from './marks.ts'

export interface RoleRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
}

const read = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch', 'delete']

function rule(apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): RoleRule {
  return { apiGroups: [apiGroup], resources, verbs, ...(resourceNames && { resourceNames }) }
}

/** One rule for each API group. */
function rulesFor(kinds: readonly PlayerKind[], verbs: string[]): RoleRule[] {
  const groups = new Set(kinds.map(groupOf))
  return [...groups].map((group) =>
    rule(
      group,
      kinds.filter((one) => groupOf(one) === group).map(({ resource }) => resource),
      verbs,
    ),
  )
}

/**
 * What Helm 3 and 4 need to install, upgrade, roll back and remove, and kubectl to look inside. Endpoints are not to be
 * written: a Service could lead the ingress controller to any address.
 */
export function playerRules(gatewayApi: boolean): RoleRule[] {
  const all = [...read, ...write]
  const connect = ['get', 'create']
  return [
    ...rulesFor([...contentKinds, ...openKinds(gatewayApi)], all),
    rule(
      'apps',
      ['deployments/scale', 'statefulsets/scale', 'replicasets/scale'],
      ['get', 'update', 'patch'],
    ),
    rule('', ['pods/log'], ['get']),
    rule('', ['pods/exec', 'pods/attach', 'pods/portforward'], connect),
    rule('', ['resourcequotas', 'limitranges', 'endpoints', 'events'], read),
    rule('events.k8s.io', ['events'], read),
    rule('discovery.k8s.io', ['endpointslices'], read),
    rule('networking.k8s.io', ['networkpolicies'], read),
    rule('metrics.k8s.io', ['pods'], ['get', 'list']),
  ]
}

/** What the master holds in each namespace of the hunt, by a binding there: contents, which it reads nowhere else. */
export const masterNamespaceRules: RoleRule[] = [
  // Finalizers are taken off by a patch.
  ...rulesFor(contentKinds, [...read, 'patch']),
  rule('', ['secrets'], ['create'], [pullSecret]),
  rule('', ['pods/log', 'services/proxy'], ['get']),
  rule('', ['pods'], ['create', 'patch', 'delete']),
  rule('batch', ['jobs'], ['create', 'patch', 'delete']),
]

/** What the master holds in the whole cluster: it makes namespaces, keeps their walls, and watches what moves in them. */
export function masterRules(gatewayApi: boolean): RoleRule[] {
  return [
    rule('', ['namespaces'], [...read, ...write]),
    rule('', ['resourcequotas', 'limitranges', 'serviceaccounts'], [...read, ...write]),
    rule('networking.k8s.io', ['networkpolicies'], [...read, ...write]),
    rule('rbac.authorization.k8s.io', ['rolebindings'], [...read, ...write]),
    // Finalizers are taken off by a patch, in namespaces that are going: what is bound there is gone by then.
    ...rulesFor(openKinds(gatewayApi), ['patch']),
    rule('rbac.authorization.k8s.io', ['clusterroles'], ['bind'], [playerRole, masterNamespaceRole]),
    rule('', ['serviceaccounts/token'], ['create'], [playerAccount]),
    rule(
      '',
      ['pods', 'services', 'endpoints', 'events', 'persistentvolumeclaims', 'replicationcontrollers'],
      read,
    ),
    rule('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], read),
    rule('batch', ['jobs', 'cronjobs'], read),
    rule('networking.k8s.io', ['ingresses'], read),
    rule('autoscaling', ['horizontalpodautoscalers'], read),
    rule('policy', ['poddisruptionbudgets'], read),
    rule('events.k8s.io', ['events'], read),
    rule('discovery.k8s.io', ['endpointslices'], read),
    ...(gatewayApi ? [rule('gateway.networking.k8s.io', ['httproutes'], read)] : []),
    // For `board check`: whether the policies are there and what the hunt's roles say.
    rule(
      'admissionregistration.k8s.io',
      ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
      read,
    ),
    rule('rbac.authorization.k8s.io', ['clusterroles'], ['get']),
    rule('storage.k8s.io', ['storageclasses'], ['get', 'list']),
    rule('networking.k8s.io', ['ingressclasses'], ['get', 'list']),
  ]
}
