import { marks } from './marks.ts'
import type { KubeObject } from './types.ts'

/** One rule of a policy; `tell` is CEL for a message that quotes what was refused. */
export interface Rule {
  that: string
  message: string
  tell?: string
}

/** A ValidatingAdmissionPolicy and its binding. Expressions are CEL of Kubernetes. */
export interface Policy {
  name: string
  on: { groups: string[]; resources: string[]; operations: ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT')[] }[]
  /** All must be true for the rules to be asked, by name. */
  when?: Record<string, string>
  /** Read as `variables.name`; later ones may use earlier ones. */
  variables?: Record<string, string>
  rules: Rule[]
  /** Which namespaces: those of players when not said. */
  namespaces?: 'players' | 'others' | 'all'
}

const api = 'admissionregistration.k8s.io/v1'

/** CEL for what the namespace's annotation says; empty where it says nothing. */
export function note(key: string): string {
  return `namespaceObject.metadata.?annotations[?'${key}'].orValue('')`
}

/** CEL for a list that was written with spaces in between. */
export function noted(key: string): string {
  return `${note(key)}.split(' ').filter(one, one != '')`
}

/** Asks only about a new object or a changed field: what stays as it was must not keep controllers from their work. */
export function changed(...fields: string[]): Record<string, string> {
  const differs = fields.map((field) => {
    const path = field.split('.').join('.?')
    return `object.?${path} != oldObject.?${path}`
  })
  return { changed: ['oldObject == null', ...differs].join(' || ') }
}

export function policyObjects(policy: Policy): KubeObject[] {
  const { name, on, when = {}, variables = {}, rules, namespaces = 'players' } = policy
  const labels = { 'app.kubernetes.io/managed-by': 'shambhala' }
  const named = (of: Record<string, string>) =>
    Object.entries(of).map(([key, expression]) => ({ name: key, expression }))
  return [
    {
      apiVersion: api,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, labels },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: on.map(({ groups, resources, operations }) => ({
            apiGroups: groups,
            apiVersions: ['*'],
            resources,
            operations,
            // Selectors of namespaces let every object through that is in none.
            scope: namespaces === 'players' ? 'Namespaced' : '*',
          })),
        },
        matchConditions: named(when),
        variables: named(variables),
        validations: rules.map(({ that, message, tell }) => ({
          expression: that,
          message,
          reason: 'Forbidden',
          ...(tell !== undefined && { messageExpression: tell }),
        })),
      },
    },
    {
      apiVersion: api,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, labels },
      spec: { policyName: name, validationActions: ['Deny'], matchResources: selectorOf(namespaces) },
    },
  ]
}

function selectorOf(namespaces: 'players' | 'others' | 'all'): Record<string, unknown> {
  if (namespaces === 'all') return {}
  const operator = namespaces === 'players' ? 'Exists' : 'DoesNotExist'
  return { namespaceSelector: { matchExpressions: [{ key: marks.player, operator }] } }
}
