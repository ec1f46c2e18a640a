import type { WorkspaceState } from '../../core/workspace.ts'
import type { StorageFull } from '../../game/registry/player-images.ts'
import type { FormState, Moment, StageRef } from './shell.ts'

/** Partial `workspace`. `GET /map?fragment=workspace` answers with it alone. */
export interface WorkspaceModel {
  /** Without it there are no repositories: the board has no forge. */
  forge: boolean
  state: 'ready' | 'making'
  /** Git's user name: the slug. */
  username: string
  /** The line that lets Git remember the token for a while. */
  remember: string
  repositories: readonly { name: string; url: string; stages: readonly StageRef[] }[]
  /** null where the board has no cluster, or no stage asks for one. */
  cluster: ClusterModel | null
  /** null where the board has no registry. */
  registry: RegistryModel | null
}

/** Where the player's images go. Partial `registry`. */
export interface RegistryModel {
  /** What names of images begin with, such as `registry.example.org/tara/`. */
  path: string
  username: string
  /** What some clients have to be told where it is reached without TLS, such as `helm --plain-http`. */
  flags: readonly string[]
  /** The line that logs in. */
  login: string
  /** Bytes of all images together. */
  used: number
  /** Bytes; `high` is where it gets tight. null where nothing bounds them. */
  budget: { bytes: number; high: number } | null
  /** Why no push is taken now. */
  full: StorageFull | null
}

/** The part of a workspace that lies on a cluster. */
export interface ClusterModel {
  state: WorkspaceState
  /** It may be used now. */
  open: boolean
  /** Name of the main namespace. */
  namespace: string
  environments: readonly { name: string; environment: string }[]
  /** Empty where nothing is being made. */
  steps: readonly StepModel[]
  /** How many wait longer, while every cluster is full. */
  before: number
  /** What host names end with, without a leading dot; null where the cluster has no ingress. */
  hostSuffix: string | null
  /** How to call them; null where the cluster has no ingress. */
  call: CallModel | null
  expiresAt: Moment | null
  /** When what failed is tried again; null where an organizer has to look. */
  nextTry: Moment | null
  /** What the game did to it unasked: made it anew, since its cluster was gone, or took finalizers off what is named. */
  notice: { what: 'lost' | 'freed'; at: Moment; items: readonly string[] } | null
  /** While it is taken down: a new one follows. */
  again: boolean
  /** The lines that fetch the kubeconfig. */
  curl: string
}

/** How Ingresses of one player are called from the machine of whoever reads the page. */
export interface CallModel {
  /** Of the shortest host name that the player may use, with the port where it is not the usual one. */
  address: string
  /** The line that calls it, also where no name leads to the controller. */
  curl: string
  /**
   * Where names lead on that machine: to the controller by themselves (`there`), by a line in its hosts file (`file`), or for its
   * browsers to itself, whatever a file says (`own`).
   */
  names: 'there' | 'file' | 'own'
  /** The address of the controller, for such a line; empty where names lead there by themselves. */
  at: string
}

export interface StepModel {
  what: 'repositories' | 'namespace' | 'probe'
  /** Of the namespace. */
  name: string
  state: 'done' | 'now' | 'later' | 'held'
}

/**
 * `/workspace`: POST /workspace/renew {}, /workspace/reset {namespace}, /workspace/images/delete {repository, digest};
 * GET /workspace/kubeconfig downloads.
 */
export interface WorkspacePage {
  workspace: WorkspaceModel
  /** null where the cluster did not answer in time; empty while there is nothing to count. */
  quota: readonly { namespace: string; rows: readonly QuotaRow[] }[] | null
  images: readonly ImageRow[]
  /** The newest first. */
  refusals: readonly PushRefusal[]
  form: FormState
}

export interface ImageRow {
  /** Below the player's path. */
  repository: string
  digest: string
  /** Its beginning, as clients show it. */
  shortDigest: string
  tags: readonly string[]
  bytes: number
  pushedAt: Moment
  /** null where no cluster says it. */
  usedBy: readonly { namespace: string; pod: string }[] | null
}

export interface PushRefusal {
  /** The full name, such as `bob/scroll`. */
  repository: string
  why: 'path' | 'storage'
  at: Moment
}

export interface QuotaRow {
  /** A key of `quota` in the locales. */
  name: string
  /** As the cluster writes them, such as `256Mi` of `1Gi`. */
  used: string
  hard: string
  /** The same as numbers; `high` is where it gets tight. */
  value: number
  max: number
  high: number
}
