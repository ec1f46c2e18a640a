import type { Problem } from '../../../core/problem.ts'
import { brief } from '../words.ts'
import { problem } from './make.ts'
import { podSecurityFields } from './pod-security.ts'
import { formatQuantity, readQuantity } from '../../../core/quantity.ts'

/** A refusal of Pod Security with all that it names of ten containers; patterns must not meet endless texts. */
const longest = 8000

/** Why the API server refused the pods of `object`, from its own words. */
export function refusalProblem(object: string, said: string, { leaving }: { leaving: boolean }): Problem {
  const message = said.slice(0, longest)
  for (const read of [quota, undeclared, limits, podSecurity, policy, account]) {
    const found = read(object, message)
    // Pods that are ending give back what they hold.
    if (found) return found.code === 'quota-exceeded' ? { ...found, heals: leaving } : found
  }
  const reason = brief(message.replace(/^.*?is forbidden: /, ''))
  return problem(
    'pods-refused',
    object,
    {
      en: `The cluster refuses the pods of ${object}: ${reason}`,
      fr: `Le cluster refuse les pods de ${object} : ${reason}`,
    },
    { message: reason },
    { heals: isEarly(message) },
  )
}

/** In a namespace that was made an instant ago, controllers have not yet done their part. */
function isEarly(message: string): boolean {
  return /status unknown for quota|serviceaccount "default" not found/.test(message)
}

function amount(text: string): number {
  return readQuantity(text) ?? Number.NaN
}

type Reader = (object: string, message: string) => Problem | null

const quota: Reader = (object, message) => {
  const [, name = '', requested = '', used = '', hard = ''] =
    /exceeded quota: ([^,]+), requested: (\S+), used: (\S+), limited: (\S+)/.exec(message) ?? []
  if (name === '') return null
  const [asks, uses, allows] = [pairs(requested), pairs(used), pairs(hard)]
  const over = Object.entries(allows).map(([resource, limit]) => {
    const [ask, use] = [asks[resource] ?? '0', uses[resource] ?? '0']
    const by = formatQuantity(resource, amount(ask) + amount(use) - amount(limit))
    return { resource, ask, use, limit, by }
  })
  const [first] = over
  if (!first) return null
  const en = over.map(
    ({ resource, ask, use, limit, by }) =>
      `${resource}: asks for ${ask} while ${use} of ${limit} are in use, ${by} too much`,
  )
  const fr = over.map(
    ({ resource, ask, use, limit, by }) =>
      `${resource} : demande ${ask} alors que ${use} sur ${limit} sont pris, ${by} de trop`,
  )
  return problem(
    'quota-exceeded',
    object,
    {
      en: `A pod of ${object} does not fit into the namespace’s quota. ${en.join('; ')}.`,
      fr: `Un pod de ${object} n’entre pas dans le quota du namespace. ${fr.join(' ; ')}.`,
    },
    {
      quota: brief(name, 100),
      resource: first.resource,
      by: first.by,
      requested: first.ask,
      used: first.use,
      hard: first.limit,
    },
  )
}

function pairs(text: string): Record<string, string> {
  const split = text.split(',').map((pair) => pair.split('='))
  return Object.fromEntries(split.flatMap(([key, value]) => (key && value ? [[key, brief(value, 40)]] : [])))
}

const undeclared: Reader = (object, message) => {
  const [, name = '', what = ''] = /failed quota: ([^:]+): must specify (.+)$/.exec(message) ?? []
  if (name === '') return null
  const fields = brief(what, 300)
  return problem(
    'limits-missing',
    object,
    {
      en: `The pods of ${object} must say what they need, since a quota counts it: ${fields}.`,
      fr: `Les pods de ${object} doivent dire ce qu’il leur faut, puisqu’un quota le compte : ${fields}.`,
    },
    { quota: brief(name, 100), fields },
  )
}

const limits: Reader = (object, message) => {
  const one =
    /(minimum|maximum) (\S{1,100}) usage per (\w{1,60}) is ([^\s,.\]]+)(?:, but (request|limit) is ([^\s,\]]+)|\.\s+No (request|limit) is specified)/gi
  const found = [...message.matchAll(one)].map(
    ([, bound = '', resource = '', per = '', limit = '', , saw]) => ({
      bound: bound.toLowerCase(),
      resource,
      per,
      limit,
      saw,
    }),
  )
  // Events put several of them in any order; the same one must read the same each time.
  found.sort((a, b) => a.resource.localeCompare(b.resource))
  const [first] = found
  if (!first) return ratio(object, message)
  const en = found.map(({ bound, resource, per, limit, saw }) => {
    const words = bound === 'maximum' ? 'at most' : 'at least'
    return `${resource}: a ${per} may have ${words} ${limit}, this one ${saw ? `says ${saw}` : 'says nothing'}`
  })
  const fr = found.map(({ bound, resource, per, limit, saw }) => {
    const words = bound === 'maximum' ? 'au plus' : 'au moins'
    return `${resource} : un ${per} peut avoir ${words} ${limit}, celui-ci ${saw ? `dit ${saw}` : 'ne dit rien'}`
  })
  return problem(
    'limit-range',
    object,
    {
      en: `A pod of ${object} is outside the namespace’s limits. ${en.join('; ')}.`,
      fr: `Un pod de ${object} sort des limites du namespace. ${fr.join(' ; ')}.`,
    },
    { resource: first.resource, bound: first.bound, limit: first.limit, saw: brief(first.saw, 40) },
  )
}

/** What the LimitRange's defaults made of a half-said container, or its ratio. */
const ratio: Reader = (object, message) => {
  const half = /(?:Invalid value: "?([^":\s]+)"?: must be less than or equal to (\S+) limit of (\S+))/.exec(
    message,
  )
  const part =
    /(\S{1,100}) max limit to request ratio per \w+ is (\S{1,40}), but provided ratio is ([0-9.]+)/.exec(
      message,
    )
  if (!half && !part) return null
  const [saw = '', resource = '', limit = ''] = half
    ? [half[1], half[2], half[3]]
    : [part?.[3], part?.[1], part?.[2]]
  const en = half
    ? `it asks for ${saw} of ${resource}, but its limit (perhaps the namespace’s default) is ${limit}`
    : `${resource}: its limit is ${saw} times its request, ${limit} times at most are allowed`
  const fr = half
    ? `il demande ${saw} de ${resource}, mais sa limite (peut-être celle du namespace par défaut) est ${limit}`
    : `${resource} : sa limite vaut ${saw} fois sa demande, au plus ${limit} fois sont permises`
  return problem(
    'limit-range',
    object,
    {
      en: `A pod of ${object} is outside the namespace’s limits: ${brief(en)}.`,
      fr: `Un pod de ${object} sort des limites du namespace : ${brief(fr)}.`,
    },
    {
      resource: brief(resource, 60),
      bound: half ? 'request' : 'ratio',
      limit: brief(limit, 40),
      saw: brief(saw, 40),
    },
  )
}

const podSecurity: Reader = (object, message) => {
  const [, level = '', violations = ''] = /violates PodSecurity "([^"]+)": (.*)$/s.exec(message) ?? []
  if (level === '') return null
  const { fields, text } = podSecurityFields(violations)
  return problem(
    'pod-security',
    object,
    {
      en: `Pod Security (${level}) refuses the pods of ${object}. Change in the pod template: ${text.en}.`,
      fr: `Pod Security (${level}) refuse les pods de ${object}. À changer dans le modèle de pod : ${text.fr}.`,
    },
    { level, fields: brief(fields.join(', '), 1000) },
  )
}

const policy: Reader = (object, message) => {
  const [, name = '', why = ''] =
    /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$/s.exec(message) ?? []
  if (name === '') return null
  const said = brief(why)
  return problem(
    'policy-refuses',
    object,
    {
      en: `The hunt’s policy refuses the pods of ${object}: ${said}`,
      fr: `La politique du jeu refuse les pods de ${object} : ${said}`,
    },
    { policy: brief(name, 100), message: said },
  )
}

const account: Reader = (object, message) => {
  const name = /serviceaccount "([^"]+)" not found/.exec(message)?.[1]
  if (name === undefined) return null
  return problem(
    'config-missing',
    object,
    {
      en: `${object} names the ServiceAccount ${name}, which does not exist.`,
      fr: `${object} nomme le ServiceAccount ${name}, qui n’existe pas.`,
    },
    { kind: 'ServiceAccount', name },
    { heals: isEarly(message) },
  )
}
