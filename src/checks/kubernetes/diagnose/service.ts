import type { Problem } from '../../../core/problem.ts'
import { matches, type NamespaceContents } from '../namespace-contents.ts'
import type { Claim, Ingress, Service } from '../shapes.ts'
import { brief, nameOf } from '../words.ts'
import { problem } from './make.ts'

export function serviceProblems(service: Service, { pods, workloads, labels }: NamespaceContents): Problem[] {
  const selector = service.spec.selector ?? {}
  if (Object.keys(selector).length === 0 || service.spec.type === 'ExternalName') return []
  const fitting = pods.filter((pod) => matches(selector, pod.metadata.labels))
  const templates = workloads.flatMap(({ spec }) => spec.template ?? [])
  // Pods that are only about to come, or are refused, are another problem.
  const coming = templates.filter((one) => matches(selector, one.metadata?.labels))
  if (fitting.length + coming.length === 0) {
    return [nothingMatches(service, selector, labels)]
  }
  const specs = fitting.length > 0 ? fitting.map(({ spec }) => spec) : coming.map(({ spec }) => spec)
  const named = new Set(
    specs.flatMap(({ containers }) => containers.flatMap(({ ports }) => ports ?? [])).map(({ name }) => name),
  )
  const lacking = (service.spec.ports ?? [])
    .map(({ targetPort }) => targetPort)
    .find((port) => typeof port === 'string' && !named.has(port))
  return lacking === undefined ? [] : [portMissing(service, String(lacking), [...named])]
}

function nothingMatches(
  service: Service,
  selector: Record<string, string>,
  labels: NamespaceContents['labels'],
): Problem {
  const object = nameOf(service)
  const wanted = brief(pairs(selector), 300)
  const near = labels.flatMap((one) => {
    const same = Object.keys(selector).filter((key) => one[key] !== undefined)
    return same.length === 0 ? [] : [pairs(Object.fromEntries(same.map((key) => [key, one[key] ?? ''])))]
  })
  const there = brief([...new Set(near)].slice(0, 5).join(' | '), 300)
  return problem(
    'selector-matches-nothing',
    object,
    {
      en: `${object} looks for pods with the labels ${wanted}; no pod has them.${there && ` There are pods with ${there}.`}`,
      fr: `${object} cherche des pods avec les étiquettes ${wanted} ; aucun pod ne les porte.${there && ` Il y a des pods avec ${there}.`}`,
    },
    { selector: wanted, labels: there },
  )
}

function pairs(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

function portMissing(service: Service, port: string, named: readonly (string | undefined)[]): Problem {
  const object = nameOf(service)
  const there = brief(named.filter(Boolean).join(', '), 200)
  return problem(
    'port-missing',
    object,
    {
      en: `${object} leads to the port “${port}”, which its pods do not name${there && `; they name ${there}`}.`,
      fr: `${object} mène au port « ${port} », que ses pods ne nomment pas${there && ` ; ils nomment ${there}`}.`,
    },
    { port, ports: there },
  )
}

export function ingressProblems(ingress: Ingress, { services }: NamespaceContents): Problem[] {
  const { defaultBackend, rules = [] } = ingress.spec
  const backends = [
    defaultBackend,
    ...rules.flatMap(({ http }) => http?.paths?.map(({ backend }) => backend) ?? []),
  ]
  const names = new Set(backends.flatMap((one) => one?.service?.name ?? []))
  const object = nameOf(ingress)
  return [...names]
    .filter((name) => !services.some(({ metadata }) => metadata.name === name))
    .slice(0, 5)
    .map((name) =>
      problem(
        'service-missing',
        object,
        {
          en: `${object} leads to the Service ${name}, which does not exist.`,
          fr: `${object} mène au Service ${name}, qui n’existe pas.`,
        },
        { name },
      ),
    )
}

export function claimProblems(claim: Claim, { events }: NamespaceContents): Problem[] {
  if (claim.status?.phase === 'Bound') return []
  const own = events.filter(({ involvedObject }) => involvedObject.uid === claim.metadata.uid)
  const said = own.findLast(({ reason }) => /Failed/.test(reason ?? ''))?.message
  if (said === undefined) return []
  const object = nameOf(claim)
  const message = brief(said)
  const unknown = /^storageclass\S* "[^"]+" not found/.test(said)
  return [
    problem(
      'claim-unbound',
      object,
      {
        en: `${object} gets no volume: ${message}`,
        fr: `${object} ne reçoit pas de volume : ${message}`,
      },
      { message, storageClass: brief(claim.spec.storageClassName, 253) },
      { heals: !unknown },
    ),
  ]
}
