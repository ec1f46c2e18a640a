import { marks, masterNamespaceRole, playerRole } from './marks.ts'
import type { Policy } from './policy.ts'

const reserved = 'shambhala.dev/'
/** Controllers and the master act in a player's namespace too; who carries an account of that namespace is its player. */
const byPlayer = {
  byPlayer:
    "('system:serviceaccounts:' + request.?namespace.orValue('')) in request.userInfo.?groups.orValue([])",
}
const mapsOf = (object: string, field: string) => `dyn(${object}).metadata.?${field}.orValue({})`
const old = (field: string) => `oldObject == null ? {} : ${mapsOf('oldObject', field)}`
const kept = (field: string) => {
  const [now, before] = [`variables.${field}`, `variables.${field}Before`]
  const same = (one: string, other: string) =>
    `${one}.all(key, !key.startsWith('${reserved}') || (key in ${other} && ${one}[key] == ${other}[key]))`
  return `${same(now, before)} && ${same(before, now)}`
}
const message = `labels and annotations that start with ${reserved} are the game master’s; leave them as they are`

export const reservedMarks: Policy = {
  name: 'shambhala-marks',
  on: [{ groups: ['*'], resources: ['*'], operations: ['CREATE', 'UPDATE'] }],
  when: byPlayer,
  variables: {
    labels: mapsOf('object', 'labels'),
    labelsBefore: old('labels'),
    annotations: mapsOf('object', 'annotations'),
    annotationsBefore: old('annotations'),
  },
  rules: [
    { that: kept('labels'), message },
    { that: kept('annotations'), message },
  ],
}

export const keptObjects: Policy = {
  name: 'shambhala-kept-objects',
  on: [{ groups: ['*'], resources: ['*'], operations: ['UPDATE', 'DELETE'] }],
  when: byPlayer,
  rules: [
    {
      that: `!('${marks.keeper}' in dyn(oldObject).metadata.?labels.orValue({}))`,
      message: 'this object is the game master’s; leave it as it is',
    },
  ],
}

/** Such a token would outlive every revocation. */
export const tokenSecrets: Policy = {
  name: 'shambhala-token-secrets',
  on: [{ groups: [''], resources: ['secrets'], operations: ['CREATE', 'UPDATE'] }],
  rules: [
    {
      that: "object.?type.orValue('') != 'kubernetes.io/service-account-token'",
      message:
        'type kubernetes.io/service-account-token: lasting tokens are not for players; use the kubeconfig of your page',
    },
  ],
}

/** The hunt's roles open nothing outside the hunt, whoever binds them. */
export const boundRoles: Policy = {
  name: 'shambhala-bound-roles',
  on: [
    { groups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], operations: ['CREATE', 'UPDATE'] },
  ],
  namespaces: 'others',
  rules: [
    {
      that: `!(object.roleRef.name in ['${playerRole}', '${masterNamespaceRole}'])`,
      message: 'this role may be bound in namespaces of the hunt only',
    },
  ],
}

/** A namespace is the hunt's from its first moment or never: else one label would hand a foreign namespace over. */
export const bornNamespaces: Policy = {
  name: 'shambhala-born-namespaces',
  on: [{ groups: [''], resources: ['namespaces'], operations: ['UPDATE'] }],
  namespaces: 'all',
  rules: [
    {
      that: `!('${marks.player}' in object.metadata.?labels.orValue({})) || '${marks.player}' in oldObject.metadata.?labels.orValue({})`,
      message: 'a namespace that was not made for a player cannot become one',
    },
  ],
}

/** The master's service account changes nothing outside the hunt, although its role reaches further. */
export function masterBounds(user: string): Policy {
  return {
    name: 'shambhala-master-bounds',
    on: [{ groups: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] }],
    namespaces: 'others',
    when: {
      byMaster: `request.userInfo.username == '${user}'`,
      // Asking about oneself is no change.
      noReview: "!(request.resource.group in ['authorization.k8s.io', 'authentication.k8s.io'])",
    },
    rules: [{ that: 'false', message: 'the game master may change namespaces of the hunt only' }],
  }
}
