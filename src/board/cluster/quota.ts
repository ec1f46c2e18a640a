import type { Budget } from '../../core/budget.ts'

/** What the budget says, as `spec.hard` of the ResourceQuota whose use the player sees. */
export function hard(budget: Budget): Record<string, string> {
  return texts({
    'requests.cpu': budget.cpu,
    'requests.memory': budget.memory,
    'requests.ephemeral-storage': budget.ephemeralStorage,
    'requests.storage': budget.storage,
    'limits.cpu': budget.cpu,
    'limits.memory': budget.memory,
    'limits.ephemeral-storage': budget.ephemeralStorage,
    pods: budget.pods,
    services: budget.services,
    'services.nodeports': 0,
    'services.loadbalancers': 0,
    persistentvolumeclaims: budget.persistentVolumeClaims,
    secrets: budget.secrets,
    configmaps: budget.configMaps,
    'count/jobs.batch': budget.jobs,
    'count/deployments.apps': budget.deployments,
    'count/ingresses.networking.k8s.io': budget.ingresses,
  })
}

/** Bounds on what no budget counts, so that nobody fills the cluster's store with a kind that was forgotten. */
export function hardObjects(budget: Budget, gatewayApi: boolean): Record<string, string> {
  const { deployments, ingresses, jobs } = budget
  return texts({
    'count/statefulsets.apps': deployments,
    'count/daemonsets.apps': deployments,
    // A Deployment keeps ten old ones beside the current one and the next.
    'count/replicasets.apps': deployments * 12,
    'count/cronjobs.batch': jobs,
    'count/serviceaccounts': deployments + 12,
    'count/horizontalpodautoscalers.autoscaling': deployments,
    'count/poddisruptionbudgets.policy': deployments,
    // A quota on a kind that the cluster does not know never gets a status.
    ...(gatewayApi && { 'count/httproutes.gateway.networking.k8s.io': ingresses }),
  })
}

function texts(numbers: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]))
}

/** `spec.limits` of the LimitRange: once limits have a quota, a pod that states none would be refused. */
export function limits(budget: Budget): Record<string, unknown>[] {
  const { container } = budget
  return [
    {
      type: 'Container',
      default: amounts(container.default),
      defaultRequest: amounts(container.request),
      max: amounts(container.max),
    },
    { type: 'PersistentVolumeClaim', max: { storage: budget.storage } },
  ]
}

function amounts(of: Budget['container']['max']): Record<string, string> {
  return { cpu: of.cpu, memory: of.memory, 'ephemeral-storage': of.ephemeralStorage }
}
