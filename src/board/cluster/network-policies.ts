import { isIP } from 'node:net'
import type { NamespaceSurroundings } from './surroundings.ts'
import type { NamespaceSpec } from './types.ts'

/** What no pod reaches by way of the Internet: metadata services (of Azure at a public address), private networks, and IPv6 that leads to them. */
const never = {
  v4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '168.63.129.16/32',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '224.0.0.0/3',
  ],
  // NAT64 and 6to4 carry an IPv4 address inside, private ones too.
  v6: ['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', 'fc00::/7', 'fe80::/9', 'ff00::/8'],
}

type Rule = Record<string, unknown>
export interface Traffic {
  name: string
  ingress?: Rule[]
  egress?: Rule[]
}

/**
 * What flows into and out of a namespace, one named policy for each way. A way that is closed keeps its policy, without
 * rules, so that closing it later takes effect by applying alone.
 */
export function traffic(spec: NamespaceSpec, around: NamespaceSurroundings): Traffic[] {
  const everyPod = { podSelector: {} }
  const { egress } = spec.budget
  return [
    { name: 'deny', ingress: [], egress: [] },
    { name: 'dns', egress: [{ to: [namespaceNamed('kube-system')], ports: dnsPorts }] },
    { name: 'same-namespace', ingress: [{ from: [everyPod] }], egress: [{ to: [everyPod] }] },
    { name: 'from-ingress', ingress: some('from', ingressPeers(around)) },
    { name: 'from-api-server', ingress: some('from', apiServerPeers(around)) },
    { name: 'services', egress: some('to', around.board.services.map(block)) },
    { name: 'api-server', egress: egress.apiServer ? apiServerRules(around) : [] },
    { name: 'internet', egress: egress.internet ? [{ to: internet(around) }] : [] },
  ]
}

const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
]

function namespaceNamed(name: string): Rule {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }
}

// A rule with an empty list of peers would mean everybody.
function some(side: 'from' | 'to', peers: Rule[]): Rule[] {
  return peers.length === 0 ? [] : [{ [side]: peers }]
}

function block(cidr: string): Rule {
  return { ipBlock: { cidr } }
}

function single(address: string): string {
  return `${address}/${isIP(address) === 6 ? '128' : '32'}`
}

// A controller on the node's own network has no pod address; then only its address tells it apart.
function ingressPeers({ settings: { ingress } }: NamespaceSurroundings): Rule[] {
  if (ingress === undefined) return []
  const { address } = ingress
  const byAddress = address !== undefined && isIP(address) !== 0 && !loopback(address)
  return [namespaceNamed(ingress.namespace), ...(byAddress ? [block(single(address))] : [])]
}

function apiServerPeers({ apiServer }: NamespaceSurroundings): Rule[] {
  return (apiServer?.addresses ?? []).filter((one) => !loopback(one)).map((one) => block(single(one)))
}

function apiServerRules(around: NamespaceSurroundings): Rule[] {
  const ports = (around.apiServer?.ports ?? []).map((port) => ({ protocol: 'TCP', port }))
  return some('to', apiServerPeers(around)).map((rule) => ({ ...rule, ports }))
}

function loopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

// An API server with a public address is no part of the Internet that a budget opens.
function internet({ apiServer }: NamespaceSurroundings): Rule[] {
  const servers = (apiServer?.addresses ?? []).filter((one) => !loopback(one))
  const of = (family: 4 | 6) => servers.filter((one) => isIP(one) === family).map(single)
  return [
    { ipBlock: { cidr: '0.0.0.0/0', except: [...never.v4, ...of(4)] } },
    { ipBlock: { cidr: '::/0', except: [...never.v6, ...of(6)] } },
  ]
}
