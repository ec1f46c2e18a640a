/** Objects as a player writes them, without a namespace; a name of `web` unless the kind needs more. */
export interface Made {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

export function object(apiVersion: string, kind: string, content: object, metadata: object = {}): Made {
  return { apiVersion, kind, metadata: { name: 'web', ...metadata }, ...content }
}

export function service(spec: object, metadata: object = {}): Made {
  return object(
    'v1',
    'Service',
    { spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec } },
    metadata,
  )
}

export function ingress(host: string | undefined, spec: object = {}, annotations: object = {}): Made {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
  const rules = [{ ...(host !== undefined && { host }), http }]
  const content = { spec: { ingressClassName: 'hunt', rules, ...spec } }
  return object('networking.k8s.io/v1', 'Ingress', content, { annotations })
}

export function route(hostnames: string[] | undefined, parentRefs: object[] | undefined): Made {
  const rules = [{ backendRefs: [{ name: 'web', port: 80 }] }]
  return object('gateway.networking.k8s.io/v1', 'HTTPRoute', { spec: { hostnames, parentRefs, rules } })
}

function podSpec(image: string, spec: object): Record<string, unknown> {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  const hardened = (container: object) => ({ securityContext, ...container })
  const { initContainers = [], ...rest } = spec as { initContainers?: object[] }
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [hardened({ name: 'web', image })],
    initContainers: initContainers.map(hardened),
    ...rest,
  }
}

export function pod(image: string, spec: object = {}): Made {
  return object('v1', 'Pod', { spec: podSpec(image, spec) })
}

export function deployment(image: string, kind = 'Deployment', labels: Record<string, string> = {}): Made {
  const selector = { matchLabels: { app: 'web' } }
  const template = { metadata: { labels: { app: 'web', ...labels } }, spec: podSpec(image, {}) }
  const serviceName = kind === 'StatefulSet' ? { serviceName: 'web' } : {}
  return object('apps/v1', kind, { spec: { selector, template, ...serviceName } })
}

export function job(image: string): Made {
  return object('batch/v1', 'Job', { spec: jobSpec(image) })
}

export function cronJob(image: string): Made {
  return object('batch/v1', 'CronJob', {
    spec: { schedule: '@hourly', jobTemplate: { spec: jobSpec(image) } },
  })
}

function jobSpec(image: string) {
  return { template: { spec: podSpec(image, { restartPolicy: 'Never' }) } }
}

export function claim(spec: object): Made {
  const resources = { requests: { storage: '1Mi' } }
  return object('v1', 'PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], resources, ...spec },
  })
}
