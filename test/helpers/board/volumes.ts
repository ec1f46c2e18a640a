import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CoreV1Api,
  makeInformer,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node'
import { onMoves } from './moves.ts'
import { nodeName } from './node.ts'
import { applyObjects, connect } from './objects.ts'
import { startDetached, type Started } from './processes.ts'

// A part of the test board only: it meets claims with folders of the node, since no provisioner comes as a package. Nothing bounds
// what is written into one beside the disk. Real boards bring their own.

/** Claims that name no class are of it, too. */
export const storageClass = 'standard'
const provisioner = 'board.local/volumes'
const mark = 'pv.kubernetes.io/provisioned-by'

/** The provisioner as a process of its own, with the volumes as folders in `folder`. */
export async function startVolumes(kubeconfig: string, dir: string, folder: string): Promise<Started> {
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  await applyObjects(kubeconfig, [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClass, annotations: isDefault },
      provisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    },
  ])
  const loader = ['--import', import.meta.resolve('tsx')]
  return await startDetached(dir, 'volumes', [
    ...[process.execPath, ...loader],
    ...[import.meta.filename, kubeconfig, folder],
  ] as [string, ...string[]])
}

async function provide(kubeconfig: string, folder: string): Promise<void> {
  const config = connect(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const claims = makeInformer<V1PersistentVolumeClaim>(config, '/api/v1/persistentvolumeclaims', () =>
    api.listPersistentVolumeClaimForAllNamespaces(),
  )
  const volumes = makeInformer<V1PersistentVolume>(config, '/api/v1/persistentvolumes', () =>
    api.listPersistentVolume(),
  )
  const meet = async () => {
    const known = new Set(volumes.list().map(({ metadata }) => metadata?.name))
    for (const claim of claims.list()) {
      const volume = volumeFor(claim, folder)
      if (!volume || known.has(volume.metadata.name)) continue
      await mkdir(volume.spec.local.path, { recursive: true })
      // Whoever the player's pods run as may write, whatever the umask here is.
      await chmod(volume.spec.local.path, 0o777)
      await applyObjects(kubeconfig, [volume])
    }
    for (const { metadata, status } of volumes.list()) {
      const name = metadata?.name
      if (!name || metadata.annotations?.[mark] !== provisioner || status?.phase !== 'Released') continue
      await rm(join(folder, name), { recursive: true, force: true })
      await api.deletePersistentVolume({ name })
    }
  }
  await onMoves([claims, volumes], meet).start()
}

/** null where the claim is not ours to meet, or is met. */
function volumeFor({ metadata, spec, status }: V1PersistentVolumeClaim, folder: string) {
  if (!metadata?.uid || !spec || spec.storageClassName !== storageClass || spec.volumeName) return null
  if (status?.phase !== 'Pending' || metadata.deletionTimestamp || spec.volumeMode === 'Block') return null
  const name = `pvc-${metadata.uid}`
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }
  const { namespace = '', name: claim = '', uid } = metadata
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [mark]: provisioner } },
    spec: {
      storageClassName: storageClass,
      capacity: { storage: spec.resources?.requests?.['storage'] ?? '1Gi' },
      accessModes: spec.accessModes ?? ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim, uid },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      local: { path: join(folder, name) },
    },
  }
}

const [, script, kubeconfig, folder] = process.argv
if (script === import.meta.filename && kubeconfig && folder) await provide(kubeconfig, folder)
