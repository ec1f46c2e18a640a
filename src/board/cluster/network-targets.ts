import { canary } from './canary.ts'
import type { NamespaceSpec } from './types.ts'

/** What a pod of a namespace tries to connect to: reached when one of its ways leads there. */
export interface Target {
  id: string
  expected: 'refused' | 'allowed'
  /** Told and not judged: no policy of the network is bound to close it. */
  told?: string
  ways: readonly Way[]
}

/** Hosts may be names of variables of the pod, such as `$NODE`. */
interface Way {
  host: string
  port: number | string
}

/** Where the nodes of clouds are told who they are, and with which keys. */
const metadata = [
  '169.254.169.254',
  // Of AWS, Google, OpenStack by IPv6; of Azure, Alibaba, Oracle.
  ...['fd00:ec2::254', 'fd20:ce::254', 'fe80::a9fe:a9fe', '168.63.129.16', '100.100.100.200', '192.0.0.192'],
]

/** `server`: the API server as the master reaches it. `neighbour`: the addresses of the canary. */
export function targetsOf(server: string, neighbour: readonly string[], { budget }: NamespaceSpec): Target[] {
  const api = new URL(server)
  const at = (port: number | string) => (host: string) => ({ host, port })
  return [
    {
      id: 'reach-another-workspace',
      expected: 'refused',
      ways: [canary.host, ...neighbour].map(at(canary.port)),
    },
    { id: 'reach-metadata', expected: 'refused', ways: metadata.map(at(80)) },
    {
      id: 'reach-the-api-server',
      expected: budget.egress.apiServer ? 'allowed' : 'refused',
      ways: [
        { host: api.hostname.replace(/^\[|\]$/g, ''), port: Number(api.port || 443) },
        // As every pod is told it.
        { host: '$KUBERNETES_SERVICE_HOST', port: '$KUBERNETES_SERVICE_PORT' },
      ],
    },
    {
      id: 'reach-the-kubelet',
      expected: 'refused',
      told: 'close the ports of the nodes to pods by the nodes’ own firewall',
      ways: [{ host: '$NODE', port: 10_250 }],
    },
  ]
}

/** Whether pods can connect at all: an image without a working `nc` would find everything closed. */
const control = 'control'
const controlPort = 18_080

/**
 * A script for busybox that tries all ways at once and prints a line `<id> <address>` for each that led somewhere. Link-local
 * addresses are tried by every interface. A refusal is tried again: who listens may be between two connections.
 */
export function scriptFor(targets: readonly Target[]): string {
  const lines = targets.flatMap(({ id, ways }) =>
    ways.map(({ host, port }) => `try ${id} "${host}" "${port}" &`),
  )
  return `reach() {
  for round in 1 2 3; do
    timeout 3 nc -w 2 "$2" "$3" </dev/null >/dev/null 2>&1 && echo "$1 $2" && return
    sleep 1
  done
}
try() {
  case $2 in
  '') ;;
  fe80:*) for link in /sys/class/net/*; do [ "\${link##*/}" = lo ] || reach "$1" "$2%\${link##*/}" "$3"; done ;;
  *) reach "$1" "$2" "$3" ;;
  esac
}
(timeout 9 nc -l -p ${controlPort} </dev/null >/dev/null 2>&1) &
try ${control} 127.0.0.1 ${controlPort} &
${lines.join('\n')}
wait
exit 0`
}

/** By target, the first address at which it was reached; undefined where the script could not connect to itself. */
export function readReached(log: string): Map<string, string> | undefined {
  const reached = new Map<string, string>()
  for (const line of log.split('\n')) {
    const [id, address] = line.split(' ')
    if (id && address && !reached.has(id)) reached.set(id, address)
  }
  return reached.has(control) ? reached : undefined
}
