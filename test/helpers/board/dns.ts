import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { ControlPlane } from './control-plane.ts'
import { loadImage } from './images.ts'
import { dnsAddress, type Node } from './node.ts'
import { applyObjects, type PlainObject } from './objects.ts'
import { waitFor } from './processes.ts'
import { tool } from './tools.ts'

const name = 'coredns'
const namespace = 'kube-system'
const image = 'board.local/coredns:1'
const labels = { 'k8s-app': 'kube-dns' }

// The catch-all has a block of its own: in one block it would come before the cluster's names.
const corefile = `cluster.local:53 in-addr.arpa:53 {
    errors
    ready :8181
    kubernetes cluster.local in-addr.arpa {
        pods insecure
        ttl 5
    }
    cache 5
}
.:53 {
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`

/** CoreDNS as a pod under the labels and the address that clusters usually give it, so that policies meet what they meet there. */
export async function startDns({ kubeconfig }: ControlPlane, node: Node): Promise<void> {
  const program = { name: 'coredns', mode: 0o755, content: await readFile(tool('coredns')) }
  const config = { User: '65532', Entrypoint: ['/coredns', '-conf', '/etc/coredns/Corefile'] }
  await loadImage(node, { name: image, entries: [program], config })
  await applyObjects(kubeconfig, [...identity(), ...workload()])
  // Asked, since a cluster that was kept remembers that it was ready another time.
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([dnsAddress])
  const answers = async () => (await resolver.resolve4('kubernetes.default.svc.cluster.local')).length > 0
  await waitFor('CoreDNS', answers, { dir: node.dir })
}

function identity(): PlainObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' }
  const rules = [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ]
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { ...rbac, kind: 'ClusterRole', metadata: { name: role.name }, rules },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name: role.name },
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]
}

function workload(): PlainObject[] {
  const container = {
    name,
    image,
    ports: [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
    ],
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
  }
  const spec = {
    serviceAccountName: name,
    dnsPolicy: 'Default',
    securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
    containers: [container],
    volumes: [{ name: 'config', configMap: { name } }],
  }
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ]
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace, labels },
      spec: { clusterIP: dnsAddress, selector: labels, ports },
    },
  ]
}
