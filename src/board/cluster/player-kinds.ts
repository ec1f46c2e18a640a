/** A kind that players make objects of. */
export interface PlayerKind {
  apiVersion: string
  kind: string
  resource: string
}

function kinds(apiVersion: string, named: Record<string, string>): PlayerKind[] {
  return Object.entries(named).map(([resource, kind]) => ({ apiVersion, kind, resource }))
}

/** What the master may read in namespaces of the hunt only. */
export const contentKinds = kinds('v1', { secrets: 'Secret', configmaps: 'ConfigMap' })

/** The rest, without contents of which the master must not know. */
export function openKinds(gatewayApi: boolean): PlayerKind[] {
  return [
    ...kinds('v1', {
      services: 'Service',
      pods: 'Pod',
      serviceaccounts: 'ServiceAccount',
      persistentvolumeclaims: 'PersistentVolumeClaim',
    }),
    ...kinds('apps/v1', {
      deployments: 'Deployment',
      statefulsets: 'StatefulSet',
      daemonsets: 'DaemonSet',
      replicasets: 'ReplicaSet',
    }),
    ...kinds('batch/v1', { jobs: 'Job', cronjobs: 'CronJob' }),
    ...kinds('networking.k8s.io/v1', { ingresses: 'Ingress' }),
    ...kinds('autoscaling/v2', { horizontalpodautoscalers: 'HorizontalPodAutoscaler' }),
    ...kinds('policy/v1', { poddisruptionbudgets: 'PodDisruptionBudget' }),
    ...(gatewayApi ? kinds('gateway.networking.k8s.io/v1', { httproutes: 'HTTPRoute' }) : []),
  ]
}

export function groupOf({ apiVersion }: PlayerKind): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
}
