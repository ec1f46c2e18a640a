import type { KubeObject } from './types.ts'

const namespace = 'shambhala-canary'
const name = 'canary'
const labels = { 'app.kubernetes.io/managed-by': 'shambhala', app: name }

/** A Service that stands for another workspace's: the isolation probe must not reach it. */
export const canary = { namespace, name, host: `${name}.${namespace}.svc.cluster.local`, port: 8080 }

export function canaryObjects(image: string): KubeObject[] {
  const container = {
    name,
    image,
    command: ['sh', '-c', `while true; do echo canary | nc -l -p ${canary.port}; done`],
    ports: [{ containerPort: canary.port }],
    resources: { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '32Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  const pod = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  }
  const selector = { app: name }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: { selector: { matchLabels: selector }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector, ports: [{ port: canary.port }] },
    },
  ]
}
