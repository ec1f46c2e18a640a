import {
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node'

export function connect(kubeconfig: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config
}

/** Makes the objects, or makes them what is said here; in the order given. */
export async function applyObjects(kubeconfig: string, objects: readonly KubernetesObject[]): Promise<void> {
  const client = KubernetesObjectApi.makeApiClient(connect(kubeconfig))
  for (const object of objects)
    await client.patch(object, undefined, undefined, 'hunt-board', true, PatchStrategy.ServerSideApply)
}
