import type { ClusterSettings } from '../../core/board-file.ts'
import { masterNamespaceRole, masterRole, playerRole } from './marks.ts'
import { policies } from './policies.ts'
import { masterNamespaceRules, masterRules, playerRules, type RoleRule } from './roles.ts'
import type { KubeObject } from './types.ts'

export interface InstallOptions {
  /** With a `gateway`, players may write HTTPRoutes. */
  settings: Pick<ClusterSettings, 'ingress'>
  /** A service account to make for the master, in a namespace to make for it, bounded to the hunt by a policy. */
  account?: { namespace: string; name: string }
}

const rbac = 'rbac.authorization.k8s.io'
const labels = { 'app.kubernetes.io/managed-by': 'shambhala' }

/** All that a cluster needs before its first namespace, in the order in which it must be made. Only an administrator can. */
export function installObjects({ settings, account }: InstallOptions): KubeObject[] {
  const gatewayApi = settings.ingress?.gateway !== undefined
  const user = account && `system:serviceaccount:${account.namespace}:${account.name}`
  return [
    clusterRole(playerRole, playerRules(gatewayApi)),
    clusterRole(masterNamespaceRole, masterNamespaceRules),
    clusterRole(masterRole, masterRules(gatewayApi)),
    ...(account ? accountObjects(account) : []),
    ...policies(user),
  ]
}

function clusterRole(name: string, rules: RoleRule[]): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules }
}

function accountObjects({ namespace, name }: { namespace: string; name: string }): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: masterRole, labels },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: masterRole },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]
}
