import type { KubeObject } from '../../../board/cluster/types.ts'
import type { Problem } from '../../../core/problem.ts'
import { isQuiet } from '../changed.ts'
import { matches, type NamespaceContents } from '../namespace-contents.ts'
import { isMakingRoom } from '../pods.ts'
import { isTaken, parentsOf, refusalOf } from '../ready.ts'
import { conditionOf, type Autoscaler, type Condition, type DisruptionBudget, type Route } from '../shapes.ts'
import { brief, nameOf } from '../words.ts'
import { problem } from './make.ts'

/** Why something of a kind that runs no pods itself does not do its work. */
export function otherProblems(object: KubeObject, contents: NamespaceContents): Problem[] {
  const group = object.apiVersion.split('/')[0] ?? ''
  if (group === 'autoscaling' && object.kind === 'HorizontalPodAutoscaler')
    return [scalingProblem(object as Autoscaler, contents) ?? []].flat()
  if (group === 'policy' && object.kind === 'PodDisruptionBudget')
    return [budgetProblem(object as DisruptionBudget, contents) ?? []].flat()
  if (group === 'gateway.networking.k8s.io' && object.kind.endsWith('Route'))
    return [routeProblem(object as Route, contents) ?? []].flat()
  return []
}

/** Autoscalers are looked at every quarter of a minute, one after the other. */
const scaledMs = 25_000

function scalingProblem(scaler: Autoscaler, { now }: NamespaceContents): Problem | null {
  const { conditions } = scaler.status ?? {}
  const [able, active] = [conditionOf(conditions, 'AbleToScale'), conditionOf(conditions, 'ScalingActive')]
  const wrong = [able, active].find((one) => one?.status === 'False')
  if (wrong) return scalingBlocked(scaler, wrong)
  if (active || !isQuiet(scaler, now, scaledMs)) return null
  return scalingBlocked(scaler, { type: 'ScalingActive', status: 'Unknown' })
}

function scalingBlocked(scaler: Autoscaler, { reason = '', message }: Condition): Problem {
  const object = nameOf(scaler)
  const said = brief(message)
  const command = `kubectl describe hpa ${scaler.metadata.name}`
  const { kind = '', name = '' } = scaler.spec.scaleTargetRef ?? {}
  const target = brief(`${kind}/${name}`, 300)
  const [en, fr] = scalingWords(reason, said, target)
  return problem(
    'scaling-blocked',
    object,
    {
      en: `${object} does not scale ${target}: ${en}. See: ${command}`,
      fr: `${object} ne met pas ${target} à l’échelle : ${fr}. Regarde : ${command}`,
    },
    { reason: brief(reason, 100), message: said, command },
    // Of pods that have just begun there are no metrics yet.
    { heals: /did not receive metrics for|no metrics returned|unready/i.test(said) },
  )
}

function scalingWords(reason: string, said: string, target: string): [en: string, fr: string] {
  if (reason === 'FailedGetScale')
    return [
      `it cannot find it (${said}); write the right name into scaleTargetRef`,
      `il ne le trouve pas (${said}) ; écris le bon nom dans scaleTargetRef`,
    ]
  if (reason === 'ScalingDisabled')
    return [
      `it asks for 0 replicas; kubectl scale --replicas=1 ${target.toLowerCase()}`,
      `il demande 0 réplique ; kubectl scale --replicas=1 ${target.toLowerCase()}`,
    ]
  if (/missing request for/.test(said))
    return [
      `its containers do not say resources.requests, of which it takes a share (${said})`,
      `ses conteneurs ne disent pas resources.requests, dont il prend une part (${said})`,
    ]
  if (/^FailedGet.*Metric/.test(reason) || said === '')
    return [
      `it gets no metrics${said && ` (${said})`}; \`kubectl top pods\` shows whether this cluster measures any`,
      `il ne reçoit aucune mesure${said && ` (${said})`} ; \`kubectl top pods\` montre si ce cluster en prend`,
    ]
  return [said, said]
}

function budgetProblem(budget: DisruptionBudget, { labels, now }: NamespaceContents): Problem | null {
  const { status, spec } = budget
  const object = nameOf(budget)
  const failed = conditionOf(status?.conditions, 'DisruptionAllowed')
  if (failed?.reason === 'SyncFailed') return notReady(object, failed)
  const wanted = spec.selector?.matchLabels ?? {}
  if ((status?.expectedPods ?? 0) > 0) return null
  const isComing = Object.keys(wanted).length === 0 || labels.some((one) => matches(wanted, one))
  if (isComing && !isQuiet(budget, now)) return null
  const selector = brief(
    Object.entries(wanted)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    300,
  )
  return problem(
    'selector-matches-nothing',
    object,
    {
      en: `${object} guards pods with the labels ${selector}; no pod has them. See: kubectl get pods --show-labels`,
      fr: `${object} protège des pods avec les étiquettes ${selector} ; aucun pod ne les porte. Regarde : kubectl get pods --show-labels`,
    },
    { selector },
  )
}

function routeProblem(route: Route, { now }: NamespaceContents): Problem | null {
  if (isTaken(route)) return null
  const refusal = parentsOf(route.status)
    .map(refusalOf)
    .find((one) => one?.status === 'False')
  if (!refusal && !isQuiet(route, now)) return null
  const object = nameOf(route)
  const named = (Array.isArray(route.spec?.parentRefs) ? route.spec.parentRefs : []).map(({ name }) => name)
  const gateways = brief(named.join(', '), 200)
  const said = refusal ? brief(refusal.message ?? refusal.reason) : ''
  const command = `kubectl describe ${route.kind.toLowerCase()} ${route.metadata.name}`
  return problem(
    'route-unaccepted',
    object,
    {
      en: `No Gateway has accepted ${object}${said ? `: ${said}` : ''}. Its parentRefs name ${gateways || 'none'}: write there the Gateway, its namespace and listener as the hunt says them. See: ${command}`,
      fr: `Aucune Gateway n’a accepté ${object}${said ? ` : ${said}` : ''}. Ses parentRefs nomment ${gateways || 'personne'} : écris-y la Gateway, son namespace et son listener tels que le jeu les dit. Regarde : ${command}`,
    },
    { gateways, reason: brief(refusal?.reason, 100), message: said, command },
  )
}

/** Something that is being deleted, and what holds it. */
export function terminating(object: KubeObject): Problem {
  const { kind, metadata } = object
  const name = nameOf(object)
  const held = brief((metadata.finalizers ?? []).join(', '), 300)
  const command = held
    ? `kubectl patch ${kind.toLowerCase()} ${metadata.name} --type=merge -p '{"metadata":{"finalizers":null}}'`
    : `kubectl get ${kind.toLowerCase()} ${metadata.name}`
  return problem(
    'terminating',
    name,
    held
      ? {
          en: `${name} is being deleted, and held by ${held}. What it waits for has to end first; if nobody takes that away any more: ${command}`,
          fr: `${name} est en cours de suppression, retenu par ${held}. Ce qu’il attend doit finir d’abord ; si plus personne ne le retire : ${command}`,
        }
      : {
          en: `${name} is being deleted. Once it is gone, make it again; see: ${command}`,
          fr: `${name} est en cours de suppression. Quand il aura disparu, refais-le ; regarde : ${command}`,
        },
    { finalizers: held, command },
    { heals: isMakingRoom(object) },
  )
}

/** Where nothing else tells why: the object’s own words. */
export function notReady(name: string, { reason, message }: Partial<Condition>): Problem {
  const said = brief(message ?? reason)
  const command = `kubectl describe ${name.replace('/', ' ').toLowerCase()}`
  return problem(
    'not-ready',
    name,
    {
      en: `${name} does not come up${said && `: ${said}`}. See: ${command}`,
      fr: `${name} n’aboutit pas${said && ` : ${said}`}. Regarde : ${command}`,
    },
    { message: said, command },
  )
}
