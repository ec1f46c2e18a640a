import { boardImages } from './images.ts'
import type { PlainObject } from './objects.ts'

export interface DeploymentParts {
  name?: string
  replicas?: number
  /** Laid over its only container, `main`, which runs the board's shell and sleeps. */
  container?: object
  /** Laid over the pod's spec. */
  pod?: object
}

/** A Deployment `web` of pods `app: web` that Pod Security `restricted` lets in. */
export function deploymentOf({
  name = 'web',
  replicas = 1,
  container,
  pod,
}: DeploymentParts = {}): PlainObject {
  const labels = { app: name }
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  const spec = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'main', image: boardImages.shell, securityContext, ...container }],
    ...pod,
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

/** A StatefulSet of the same pods. */
export function statefulSetOf(parts: DeploymentParts = {}): PlainObject {
  const { metadata, spec } = deploymentOf(parts)
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { ...(spec as object), serviceName: 'web' },
  }
}

export function serviceOf(selector: Record<string, string>, port: number | string = 8080): PlainObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector, ports: [{ port: 80, targetPort: port }] },
  }
}

export function quotaOf(hard: Record<string, string>): PlainObject {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'budget' }, spec: { hard } }
}
