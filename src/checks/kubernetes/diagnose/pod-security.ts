import type { Problem } from '../../../core/problem.ts'
import { brief } from '../words.ts'

/** What Pod Security calls a control, the field that it is about, and what to write there. */
const controls: readonly { control: RegExp; field: string; en: string; fr: string }[] = [
  {
    control: /^allowPrivilegeEscalation/,
    field: 'securityContext.allowPrivilegeEscalation',
    en: 'set it to false',
    fr: 'mets false',
  },
  {
    control: /^unrestricted capabilities|^non-default capabilities/,
    field: 'securityContext.capabilities',
    en: 'drop ["ALL"], add nothing but NET_BIND_SERVICE',
    fr: 'drop: ["ALL"], et rien d’autre dans add que NET_BIND_SERVICE',
  },
  {
    control: /^runAsNonRoot/,
    field: 'securityContext.runAsNonRoot',
    en: 'set it to true',
    fr: 'mets true',
  },
  {
    control: /^runAsUser=0/,
    field: 'securityContext.runAsUser',
    en: 'name another user than 0',
    fr: 'nomme un autre utilisateur que 0',
  },
  {
    control: /^seccompProfile/,
    field: 'securityContext.seccompProfile.type',
    en: 'set it to RuntimeDefault',
    fr: 'mets RuntimeDefault',
  },
  {
    control: /^privileged/,
    field: 'securityContext.privileged',
    en: 'take it away',
    fr: 'retire-le',
  },
  {
    control: /^restricted volume types|^hostPath volumes/,
    field: 'volumes',
    en: 'use other volume types than hostPath and its like',
    fr: 'utilise d’autres types de volume que hostPath et semblables',
  },
  { control: /^hostPort/, field: 'ports[].hostPort', en: 'take it away', fr: 'retire-le' },
]

/** From `host namespaces (hostNetwork=true), privileged (container "c" must not …)`. */
export function podSecurityFields(violations: string): {
  fields: string[]
  text: Problem['text']
} {
  const found = split(violations).map(({ control, why }) => {
    const known = controls.find((one) => one.control.test(control))
    if (known) return known
    if (control === 'host namespaces') {
      const field = [...why.matchAll(/host\w+/g)].map(([name]) => name).join(', ')
      return { field, en: 'take it away', fr: 'retire-le' }
    }
    const field = /securityContext[.\w]*/.exec(why)?.[0] ?? control
    return { field: brief(field, 100), en: brief(why, 200), fr: brief(why, 200) }
  })
  return {
    fields: found.map(({ field }) => field),
    text: {
      en: found.map(({ field, en }) => `${field} (${en})`).join('; '),
      fr: found.map(({ field, fr }) => `${field} (${fr})`).join(' ; '),
    },
  }
}

/** Player's names stand quoted inside the brackets, and may not hold brackets themselves. */
function split(violations: string): { control: string; why: string }[] {
  return [...violations.slice(0, 4000).matchAll(/([^(),]+) \(([^()]*)\)/g)]
    .map(([, control = '', why = '']) => ({ control: control.trim(), why }))
    .slice(0, 20)
}
