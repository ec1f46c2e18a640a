/** Labels and annotations that only the master writes: on namespaces, those that admission policies read. */
export const marks = {
  player: 'shambhala.dev/player',
  hunt: 'shambhala.dev/hunt',
  /** Which of the servers that run this hunt; on namespaces made by earlier versions it is missing. */
  server: 'shambhala.dev/server',
  environment: 'shambhala.dev/environment',
  /** On every object that the master put into a namespace; players may neither change nor delete one. */
  keeper: 'shambhala.dev/keeper',
  hostSuffix: 'shambhala.dev/host-suffix',
  ingressClass: 'shambhala.dev/ingress-class',
  ingressAnnotations: 'shambhala.dev/ingress-annotations',
  gateway: 'shambhala.dev/gateway',
  images: 'shambhala.dev/images',
  storageClass: 'shambhala.dev/storage-class',
} as const

export const playerRole = 'shambhala-player'
export const masterRole = 'shambhala-master'
/** Bound to the master in each namespace of the hunt, so that it reads no Secret elsewhere. */
export const masterNamespaceRole = 'shambhala-master-namespace'
/** The service account that a player's kubeconfig stands for. */
export const playerAccount = 'player'
/** In each namespace, what nodes log in with to the hunt's registry. */
export const pullSecret = 'registry'
