import type { ClusterSettings } from '../../core/board-file.ts'
import { allowedImages } from './image-names.ts'
import { marks, masterNamespaceRole, playerAccount, playerRole, pullSecret } from './marks.ts'
import { traffic } from './network-policies.ts'
import { hard, hardObjects, limits } from './quota.ts'
import type { NamespaceSurroundings } from './surroundings.ts'
import type { KubeObject, NamespaceSpec } from './types.ts'

/** All that one namespace consists of, in the order in which it must be made. Applying it again changes nothing. */
export function manifestsFor(spec: NamespaceSpec, around: NamespaceSurroundings): KubeObject[] {
  const inside = insideOf(spec)
  const login = pullLogin(spec.slug, around)
  const account = {
    automountServiceAccountToken: false,
    ...(login !== null && { imagePullSecrets: [{ name: pullSecret }] }),
  }
  return [
    namespace(spec, around),
    inside('v1', 'ResourceQuota', 'hunt', { spec: { hard: hard(spec.budget) } }),
    inside('v1', 'ResourceQuota', 'hunt-objects', {
      spec: { hard: hardObjects(spec.budget, around.settings.ingress?.gateway !== undefined) },
    }),
    inside('v1', 'LimitRange', 'hunt', { spec: { limits: limits(spec.budget) } }),
    ...traffic(spec, around).map(({ name, ...rules }) =>
      inside('networking.k8s.io/v1', 'NetworkPolicy', `hunt-${name}`, { spec: policySpec(rules) }),
    ),
    inside('v1', 'ServiceAccount', 'default', account),
    inside('v1', 'ServiceAccount', playerAccount, account),
    inside('rbac.authorization.k8s.io/v1', 'RoleBinding', playerAccount, {
      ...roleOf(playerRole),
      subjects: [{ kind: 'ServiceAccount', name: playerAccount, namespace: spec.name }],
    }),
    inside('rbac.authorization.k8s.io/v1', 'RoleBinding', 'master', {
      ...roleOf(masterNamespaceRole),
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: around.masterUser }],
    }),
    // Last, since the master may write it by the binding before.
    ...(login === null ? [] : [inside('v1', 'Secret', pullSecret, login)]),
  ]
}

/** What nodes log in with to pull the player's images. The player can read it: it opens nothing that is not theirs to pull. */
function pullLogin(
  slug: string,
  { registry, pullPassword }: NamespaceSurroundings,
): Record<string, unknown> | null {
  if (registry === undefined || pullPassword === undefined) return null
  const auth = Buffer.from(`${slug}:${pullPassword(slug)}`).toString('base64')
  const config = JSON.stringify({ auths: { [registry]: { auth } } })
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') }
  return { type: 'kubernetes.io/dockerconfigjson', data }
}

/** What a player's host names end with on this cluster; null where it has no ingress. */
export function hostSuffix(slug: string, settings: ClusterSettings): string | null {
  return settings.ingress === undefined ? null : `${slug}.${settings.ingress.domain}`
}

function marksOf(spec: NamespaceSpec): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'shambhala',
    [marks.player]: spec.slug,
    [marks.hunt]: spec.hunt,
    [marks.environment]: spec.environment,
    [marks.keeper]: 'master',
  }
}

function namespace(spec: NamespaceSpec, around: NamespaceSurroundings): KubeObject {
  const version = around.podSecurity ?? 'v1.34'
  const standards = ['enforce', 'audit', 'warn'].flatMap((mode): [string, string][] => [
    [`pod-security.kubernetes.io/${mode}`, 'restricted'],
    [`pod-security.kubernetes.io/${mode}-version`, version],
  ])
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: spec.name,
      labels: { ...marksOf(spec), [marks.server]: spec.server, ...Object.fromEntries(standards) },
      annotations: rulesOf(spec, around),
    },
  }
}

// Admission policies read these from the namespace: they are the same for every hunt, and need no change when a board does.
function rulesOf(
  spec: NamespaceSpec,
  { settings, board, registry }: NamespaceSurroundings,
): Record<string, string> {
  return {
    [marks.hostSuffix]: hostSuffix(spec.slug, settings) ?? '',
    [marks.ingressClass]: settings.ingress?.className ?? '',
    [marks.ingressAnnotations]: (settings.ingress?.annotations ?? []).join(' '),
    [marks.gateway]: settings.ingress?.gateway ?? '',
    [marks.storageClass]: settings.storageClass ?? '',
    [marks.images]: allowedImages(
      spec.slug,
      settings.probeImage === undefined ? board.images : [...board.images, settings.probeImage],
      registry,
    ).join(' '),
  }
}

function insideOf(spec: NamespaceSpec) {
  return (apiVersion: string, kind: string, name: string, content: Record<string, unknown>): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: spec.name, labels: marksOf(spec) },
    ...content,
  })
}

function policySpec(rules: { ingress?: unknown[]; egress?: unknown[] }): Record<string, unknown> {
  const types = [...(rules.ingress ? ['Ingress'] : []), ...(rules.egress ? ['Egress'] : [])]
  return { podSelector: {}, policyTypes: types, ...rules }
}

function roleOf(name: string): Record<string, unknown> {
  return { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name } }
}
