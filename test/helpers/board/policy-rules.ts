import type {
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from '@kubernetes/client-node'

/** What policies are made of, as the API server shows it. */
export interface World {
  pods: PolicyPod[]
  /** Labels by namespace. */
  namespaces: Map<string, Record<string, string>>
  policies: V1NetworkPolicy[]
}

export interface PolicyPod {
  namespace: string
  name: string
  labels: Record<string, string>
  /** IPv4 only: the node gives no others. */
  addresses: string[]
  ports: { name?: string; protocol?: string; containerPort: number }[]
}

const directions = [
  { way: 'ingress', type: 'Ingress', remote: 'saddr' },
  { way: 'egress', type: 'Egress', remote: 'daddr' },
] as const
type Direction = (typeof directions)[number]

/**
 * The rules of nftables for all policies: a whole table, which takes the place of the one before in one step. Pods that a policy
 * selects may send and receive only what some policy allows; an address of a pod that is not known yet may do nothing; the
 * node itself reaches every pod (the kubelet's probes, the ingress). Pods have addresses of IPv4 alone: of IPv6, which policies here
 * know nothing of, nothing passes the bridge.
 */
export function renderTable(
  { policyTable: table, podCidr, bridge }: { policyTable: string; podCidr: string; bridge: string },
  world: World,
): string {
  const chains: string[] = []
  const jumps = { ingress: [] as string[], egress: [] as string[] }
  for (const direction of directions)
    for (const pod of world.pods) {
      const policies = policiesOf(pod, direction, world)
      if (policies.length === 0) continue
      const chain = `${direction.way}_${pod.addresses.join('_').replaceAll('.', '_')}`
      const rules = new Set(policies.flatMap((policy) => allowances(policy, pod, direction, world)))
      chains.push(
        `  chain ${chain} {\n${[...rules, 'counter drop'].map((rule) => `    ${rule}\n`).join('')}  }\n`,
      )
      for (const address of pod.addresses) jumps[direction.way].push(`${address} : jump ${chain}`)
    }
  const known = set(world.pods.flatMap((pod) => pod.addresses))
  const begin = [
    `meta nfproto ipv6 iifname ${bridge} counter drop`,
    'ct state established,related accept',
    `ip saddr ${podCidr} ${known ? `ip saddr != ${known} ` : ''}counter drop`,
    ...verdicts('saddr', jumps.egress),
  ]
  const hook = (name: string, rules: string[]) =>
    `  chain ${name} {\n    type filter hook ${name} priority filter - 5; policy accept;\n` +
    `${rules.map((rule) => `    ${rule}\n`).join('')}  }\n`
  // The empty table first: deleting one that is not there would be refused.
  return (
    `table inet ${table} {}\ndelete table inet ${table}\ntable inet ${table} {\n${chains.join('')}` +
    `${hook('forward', [...begin, ...verdicts('daddr', jumps.ingress)])}${hook('input', begin)}}\n`
  )
}

function verdicts(field: string, jumps: string[]): string[] {
  return jumps.length > 0 ? [`ip ${field} vmap { ${jumps.join(', ')} }`] : []
}

function set(addresses: string[]): string | null {
  return addresses.length > 0 ? `{ ${[...new Set(addresses)].join(', ')} }` : null
}

function policiesOf(pod: PolicyPod, { type }: Direction, { policies }: World): V1NetworkPolicy[] {
  return policies.filter(({ metadata, spec }) => {
    const types = spec?.policyTypes ?? ['Ingress', ...(spec?.egress ? ['Egress'] : [])]
    return (
      types.includes(type) && metadata?.namespace === pod.namespace && selects(spec?.podSelector, pod.labels)
    )
  })
}

/** One rule of nftables for each peer and port that the policy lets through. */
function allowances(policy: V1NetworkPolicy, pod: PolicyPod, direction: Direction, world: World): string[] {
  const namespace = policy.metadata?.namespace ?? ''
  const rules =
    direction.way === 'ingress'
      ? (policy.spec?.ingress ?? []).map((rule) => ({ peers: sourcesOf(rule), ports: rule.ports }))
      : (policy.spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }))
  return rules.flatMap(({ peers, ports }) => {
    const anyone = !peers || peers.length === 0
    const selected = anyone ? world.pods : peers.flatMap((peer) => podsOf(peer, namespace, world))
    const matches = anyone ? [''] : remotes(peers, selected, direction.remote)
    const targets = direction.way === 'ingress' ? [pod] : selected
    const doors = ports && ports.length > 0 ? ports.flatMap((port) => doorsOf(port, targets)) : ['']
    return matches.flatMap((match) =>
      doors.map((door) => `${match} ${door} return`.replace(/ +/g, ' ').trim()),
    )
  })
}

/** The client names the field `_from` in what it lists, and leaves it `from` in what it watches. */
function sourcesOf(
  rule: V1NetworkPolicyIngressRule & { from?: V1NetworkPolicyPeer[] },
): V1NetworkPolicyPeer[] | undefined {
  return rule._from ?? rule.from
}

function podsOf(peer: V1NetworkPolicyPeer, namespace: string, { pods, namespaces }: World): PolicyPod[] {
  if (peer.ipBlock) return []
  return pods.filter((pod) => {
    const labels = namespaces.get(pod.namespace)
    const inside = peer.namespaceSelector
      ? labels !== undefined && selects(peer.namespaceSelector, labels)
      : pod.namespace === namespace
    return inside && selects(peer.podSelector, pod.labels)
  })
}

function remotes(peers: V1NetworkPolicyPeer[], pods: PolicyPod[], field: string): string[] {
  const addresses = set(pods.flatMap((pod) => pod.addresses))
  const blocks = peers.flatMap(({ ipBlock }) => {
    if (!ipBlock || ipBlock.cidr.includes(':')) return []
    const except = set((ipBlock.except ?? []).filter((cidr) => !cidr.includes(':')))
    const whole = ipBlock.cidr === '0.0.0.0/0' ? 'meta nfproto ipv4' : `ip ${field} ${ipBlock.cidr}`
    return [except ? `${whole} ip ${field} != ${except}` : whole]
  })
  return [...(addresses ? [`ip ${field} ${addresses}`] : []), ...blocks]
}

/** A port by name means what the pods spoken to call so. */
function doorsOf({ protocol = 'TCP', port, endPort }: V1NetworkPolicyPort, targets: PolicyPod[]): string[] {
  const layer = protocol.toLowerCase()
  if (port === undefined) return [`meta l4proto ${layer}`]
  if (typeof port === 'number') return [`${layer} dport ${endPort ? `${port}-${endPort}` : port}`]
  return targets.flatMap((pod) =>
    pod.ports
      .filter((one) => one.name === port && (one.protocol ?? 'TCP') === protocol)
      .flatMap((one) =>
        pod.addresses.map((address) => `ip daddr ${address} ${layer} dport ${one.containerPort}`),
      ),
  )
}

/** No selector selects everything, as an empty one does. */
function selects(selector: V1LabelSelector | undefined, labels: Record<string, string>): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return equal && (selector?.matchExpressions ?? []).every((one) => agrees(one, labels))
}

function agrees(
  { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
  labels: Record<string, string>,
): boolean {
  const label = labels[key]
  if (operator === 'Exists') return label !== undefined
  if (operator === 'DoesNotExist') return label === undefined
  const among = label !== undefined && values.includes(label)
  return operator === 'In' ? among : !among
}
