import type { ApiServerCall } from './connection.ts'

/** Admission judges a dry run as it does the real thing, and nothing is made. */
export const dryRun = { dryRun: 'All' }
export const probeName = 'isolation-probe'

export function create(
  apiVersion: string,
  kind: string,
  spec?: unknown,
  rest: object = {},
  metadata: object = {},
): ApiServerCall {
  const body = {
    apiVersion,
    kind,
    metadata: { name: probeName, ...metadata },
    ...(spec !== undefined && { spec }),
    ...rest,
  }
  return { method: 'POST', query: dryRun, body }
}

export function patch(body: unknown): ApiServerCall {
  return { method: 'PATCH', contentType: 'application/merge-patch+json', query: dryRun, body }
}

export function bind(kind: 'RoleBinding' | 'ClusterRoleBinding', role: string): ApiServerCall {
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
        name: probeName,
        image,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...security },
        ...container,
      },
    ],
    ...spec,
  }
}

export function pod(image: string, spec?: object, security?: object, container?: object): ApiServerCall {
  return create('v1', 'Pod', podSpec(image, spec, security, container))
}

export function deployment(image: string): ApiServerCall {
  const labels = { app: probeName }
  const template = { metadata: { labels }, spec: podSpec(image) }
  return create('apps/v1', 'Deployment', { selector: { matchLabels: labels }, template })
}

export function ingress(host: string | undefined, ingressClassName: string): ApiServerCall {
  const backend = { service: { name: probeName, port: { number: 80 } } }
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
  return create('networking.k8s.io/v1', 'Ingress', {
    ingressClassName,
    rules: [{ ...(host !== undefined && { host }), http }],
  })
}
