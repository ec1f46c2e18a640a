import type { Problem } from '../../../core/problem.ts'
import { matches, type NamespaceContents } from '../namespace-contents.ts'
import type { Ingress, Service } from '../shapes.ts'
import { isQuiet } from '../changed.ts'
import { brief, nameOf } from '../words.ts'
import { problem } from './make.ts'

export function serviceProblems(service: Service, contents: NamespaceContents): Problem[] {
  const { pods, workloads, labels } = contents
  const selector = service.spec.selector ?? {}
  if (service.spec.type === 'ExternalName') return []
  if (Object.keys(selector).length === 0) return []
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

/** Of a Service without endpoints. Whoever leaves the selector out writes these, which players may not. */
export function selectorMissing(service: Service): Problem | null {
  if (Object.keys(service.spec.selector ?? {}).length > 0 || service.spec.type === 'ExternalName') return null
  const object = nameOf(service)
  const command = `kubectl set selector service ${service.metadata.name} KEY=VALUE`
  return problem(
    'no-endpoints',
    object,
    {
      en: `${object} has no selector, so that it leads nowhere. Give it the labels of its pods: ${command}`,
      fr: `${object} n’a pas de selector ; il ne mène donc nulle part. Donne-lui les étiquettes de ses pods : ${command}`,
    },
    { command },
  )
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

export function ingressProblems(ingress: Ingress, contents: NamespaceContents): Problem[] {
  const missing = missingServices(ingress, contents)
  return missing.length > 0 ? missing : [unclaimed(ingress, contents) ?? []].flat()
}

/** No controller has written an address: none takes its class, or the one that does writes none. */
function unclaimed(ingress: Ingress, { ingressClass, now }: NamespaceContents): Problem | null {
  if ((ingress.status?.loadBalancer?.ingress ?? []).length > 0) return null
  const { metadata, spec } = ingress
  const named = spec.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class']
  const isWrong = ingressClass !== null && named !== ingressClass
  if (!isWrong && !isQuiet(ingress, now)) return null
  const object = nameOf(ingress)
  const className = brief(named, 253)
  const command = isWrong
    ? `kubectl patch ingress ${metadata.name} --type=merge -p '{"spec":{"ingressClassName":"${ingressClass}"}}'`
    : `kubectl describe ingress ${metadata.name}`
  const [en, fr] = className
    ? [
        `no controller has taken up its class ${className}`,
        `aucun contrôleur n’a repris sa classe ${className}`,
      ]
    : ['it names no ingressClassName', 'il ne nomme pas d’ingressClassName']
  return problem(
    'ingress-unclaimed',
    object,
    {
      en: `${object} has no address: ${en}${isWrong ? `; the class here is ${ingressClass}` : ''}. ${isWrong ? 'Name it' : 'See'}: ${command}`,
      fr: `${object} n’a pas d’adresse : ${fr}${isWrong ? ` ; ici, la classe est ${ingressClass}` : ''}. ${isWrong ? 'Nomme-la' : 'Regarde'} : ${command}`,
    },
    { ingressClass: className, command },
    // The right class is all that a player can do.
    { ours: ingressClass !== null && !isWrong },
  )
}

function missingServices(ingress: Ingress, { services }: NamespaceContents): Problem[] {
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
