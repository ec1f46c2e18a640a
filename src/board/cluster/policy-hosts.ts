import { marks } from './marks.ts'
import { changed, note, noted, type Policy } from './policy.ts'

const within =
  "(variables.suffix != '' && (host == variables.suffix || host.endsWith('.' + variables.suffix)))"
const foreignHosts = `variables.hosts.filter(host, !${within})`
const suffixAndHosts = (hosts: string) => ({
  suffix: note(marks.hostSuffix),
  hosts,
  foreign: foreignHosts,
})
const hostRule = {
  that: 'size(variables.foreign) == 0',
  message: 'this host name is not yours',
  tell: "variables.suffix == '' ? 'this cluster has no ingress for players' : 'host ' + variables.foreign.map(host, host == '' ? '(empty, which means every host)' : host).join(', ') + ' is not yours; use ' + variables.suffix + ' or a name below it'",
}
/** What Helm and kubectl write on everything. */
const toolPrefixes = "['meta.helm.sh/', 'helm.sh/', 'kubectl.kubernetes.io/']"

export const ingresses: Policy = {
  name: 'shambhala-ingresses',
  on: [{ groups: ['networking.k8s.io'], resources: ['ingresses'], operations: ['CREATE', 'UPDATE'] }],
  when: changed('spec', 'metadata.annotations'),
  variables: {
    ...suffixAndHosts(
      "object.spec.?rules.orValue([]).map(one, one.?host.orValue('')) + object.spec.?tls.orValue([]).map(one, one.?hosts.orValue(['']).join(' ')).join(' ').split(' ').filter(one, one != '')",
    ),
    class: note(marks.ingressClass),
    allowed: noted(marks.ingressAnnotations),
    strange: `object.metadata.?annotations.orValue({}).map(key, key).filter(key, !(key in variables.allowed) && !${toolPrefixes}.exists(one, key.startsWith(one)))`,
  },
  rules: [
    hostRule,
    {
      that: 'size(object.spec.?rules.orValue([])) > 0',
      message: 'spec.rules: name at least one rule with a host',
    },
    {
      that: 'object.spec.?tls.orValue([]).all(one, size(one.?hosts.orValue([])) > 0)',
      message: 'spec.tls: each entry must name its hosts',
    },
    {
      that: '!has(object.spec.defaultBackend)',
      message: 'spec.defaultBackend answers for every host; use rules with your own host instead',
    },
    {
      that: "object.spec.?ingressClassName.orValue('') == variables.class",
      message: 'spec.ingressClassName: this class is not the hunt’s',
      tell: "variables.class == '' ? 'this cluster has no ingress for players' : 'spec.ingressClassName must be ' + variables.class",
    },
    {
      that: 'size(variables.strange) == 0',
      message: 'metadata.annotations: not all of these may be set by players',
      tell: "'metadata.annotations: ' + variables.strange.join(', ') + ' may not be set by players; allowed are: ' + (size(variables.allowed) == 0 ? 'none' : variables.allowed.join(', '))",
    },
  ],
}

export const routes: Policy = {
  name: 'shambhala-routes',
  on: [{ groups: ['gateway.networking.k8s.io'], resources: ['*'], operations: ['CREATE', 'UPDATE'] }],
  when: changed('spec'),
  variables: {
    ...suffixAndHosts('object.spec.?hostnames.orValue([])'),
    gateway: note(marks.gateway),
    parents:
      "object.spec.?parentRefs.orValue([]).map(one, one.?group.orValue('gateway.networking.k8s.io') + '/' + one.?kind.orValue('Gateway') + '/' + one.?namespace.orValue(request.namespace) + '/' + one.name)",
  },
  rules: [
    {
      that: "object.kind == 'HTTPRoute'",
      message: 'of Gateway API, players may use HTTPRoute only',
    },
    hostRule,
    {
      that: 'size(variables.hosts) > 0',
      message: 'spec.hostnames: name at least one host; without any, a route answers for every host',
    },
    {
      that: "variables.gateway != '' && size(variables.parents) > 0 && variables.parents.all(one, one == 'gateway.networking.k8s.io/Gateway/' + variables.gateway)",
      message: 'spec.parentRefs: not a gateway of this hunt',
      tell: "variables.gateway == '' ? 'this cluster has no gateway for players' : 'spec.parentRefs must name the Gateway ' + variables.gateway + ' (namespace/name), and nothing else'",
    },
  ],
}

export const services: Policy = {
  name: 'shambhala-services',
  on: [{ groups: [''], resources: ['services'], operations: ['CREATE', 'UPDATE'] }],
  when: changed('spec', 'metadata.annotations'),
  rules: [
    {
      that: "object.spec.?type.orValue('ClusterIP') == 'ClusterIP'",
      message: 'spec.type must be ClusterIP; to be reached from outside, use an Ingress with your host name',
      tell: "'spec.type must be ClusterIP, not ' + object.spec.type + '; to be reached from outside, use an Ingress with your host name'",
    },
    {
      that: 'size(object.spec.?externalIPs.orValue([])) == 0',
      message: 'spec.externalIPs would take traffic meant for others; remove the field',
    },
    {
      that: "object.metadata.?annotations.orValue({}).all(key, !key.startsWith('external-dns.alpha.kubernetes.io/'))",
      message: 'metadata.annotations: DNS records are not for players; remove those of external-dns',
    },
  ],
}
