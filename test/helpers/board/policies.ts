import {
  CoreV1Api,
  makeInformer,
  NetworkingV1Api,
  type V1NetworkPolicy,
  type V1Namespace,
  type V1Pod,
} from '@kubernetes/client-node'
import { machine } from './machine.ts'
import { onMoves } from './moves.ts'
import { connect } from './objects.ts'
import { watchAddresses, type PodAddresses } from './pod-addresses.ts'
import { renderTable, type PolicyPod, type World } from './policy-rules.ts'
import { startDetached, waitFor, type Started } from './processes.ts'
import { run } from './run.ts'

// A part of the test board only: it enforces NetworkPolicies on one node by nftables, since no enforcing plugin of CNI comes as a
// package. Real boards bring their own.

/** The enforcer as a process of its own; returns when its rules are in place. */
export async function startPolicies(kubeconfig: string, dir: string): Promise<Started> {
  const loader = ['--import', import.meta.resolve('tsx')]
  const command: [string, ...string[]] = [process.execPath, ...loader, import.meta.filename, kubeconfig, dir]
  const enforcer = await startDetached(dir, 'policies', command)
  const inPlace = async () => (await run('nft', ['list', 'table', 'inet', machine.policyTable])) !== ''
  await waitFor('policies', inPlace, { process: enforcer, dir })
  return enforcer
}

async function enforce(kubeconfig: string, dir: string): Promise<void> {
  const config = connect(kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const networking = config.makeApiClient(NetworkingV1Api)
  const pods = makeInformer<V1Pod>(config, '/api/v1/pods', () => core.listPodForAllNamespaces())
  const namespaces = makeInformer<V1Namespace>(config, '/api/v1/namespaces', () => core.listNamespace())
  const path = '/apis/networking.k8s.io/v1/networkpolicies'
  const policies = makeInformer<V1NetworkPolicy>(config, path, () =>
    networking.listNetworkPolicyForAllNamespaces(),
  )
  const moves = onMoves([pods, namespaces, policies], () => apply())
  const addresses = await watchAddresses(dir, moves.soon)
  const apply = applier(
    () => ({
      pods: pods.list().flatMap((pod) => podOf(pod, addresses)),
      namespaces: new Map(
        namespaces.list().map(({ metadata }) => [metadata?.name ?? '', metadata?.labels ?? {}]),
      ),
      policies: [...policies.list()],
    }),
    addresses,
  )
  await moves.start()
}

/**
 * By the address that we saw it get: what the API server shows may be of a pod that has ended, or of another time of the cluster,
 * while another pod has it already.
 */
function podOf({ metadata, spec, status }: V1Pod, given: PodAddresses): PolicyPod[] {
  const address = given.of(metadata?.namespace ?? '', metadata?.name ?? '')
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  if (!metadata || !spec || spec.hostNetwork || ended || address === undefined) return []
  const { namespace = '', name = '', labels = {} } = metadata
  const ports = spec.containers.flatMap((container) => container.ports ?? [])
  return [{ namespace, name, labels, addresses: [address], ports }]
}

/** Applies what the world is, where it differs from what is in force. */
function applier(world: () => World, addresses: PodAddresses): () => Promise<void> {
  let inForce = ''
  return async () => {
    const now = world()
    const table = renderTable(machine, now)
    if (table !== inForce) await run('nft', ['-f', '-'], table)
    inForce = table
    await addresses.settle(new Set(now.pods.flatMap((pod) => pod.addresses)))
  }
}

const [, script, kubeconfig, dir] = process.argv
if (script === import.meta.filename && kubeconfig && dir) await enforce(kubeconfig, dir)
