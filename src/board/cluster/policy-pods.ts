import { marks } from './marks.ts'
import { note, noted, type Policy } from './policy.ts'

const podBearers: Policy['on'] = [
  {
    groups: [''],
    resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'podtemplates'],
    operations: ['CREATE', 'UPDATE'],
  },
  {
    groups: ['apps'],
    resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'],
    operations: ['CREATE', 'UPDATE'],
  },
  { groups: ['batch'], resources: ['jobs', 'cronjobs'], operations: ['CREATE', 'UPDATE'] },
]

// A Pod is its own template. No optional value may rest in a variable: it would read as empty.
function templateOf(object: string): string {
  return [
    `object.kind == 'Pod' ? dyn(${object})`,
    `object.kind == 'CronJob' ? dyn(${object}).?spec.?jobTemplate.?spec.?template.orValue({})`,
    `object.kind == 'PodTemplate' ? dyn(${object}).?template.orValue({})`,
    `dyn(${object}).?spec.?template.orValue({})`,
  ].join(' : ')
}

function imagesOf(template: string): string {
  const of = (field: string) =>
    `${template}.?spec.?${field}.orValue([]).map(one, string(one.?image.orValue('')))`
  const volumes = `${template}.?spec.?volumes.orValue([]).filter(one, has(one.image)).map(one, string(one.image.?reference.orValue('')))`
  return [of('containers'), of('initContainers'), of('ephemeralContainers'), volumes].join(' + ')
}

const host = '[a-z0-9][a-z0-9.-]*(:[0-9]+)?'
const part = '[a-z0-9]+((\\\\.|_|__|-+)[a-z0-9]+)*'
const tag = '(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?'
const digest = '(@[a-z0-9]+:[0-9a-f]{32,128})?'
const wholeName = `'^${host}(/${part})+${tag}${digest}$'`

/** Whether a well-formed full name lies under an allowed prefix. After a host alone, a colon would start another port. */
const under =
  "one == allowed || one.startsWith(allowed + '/') || one.startsWith(allowed + '@') || (allowed.contains('/') && one.startsWith(allowed + ':'))"

/** Containers, init and ephemeral containers, image volumes; names are made full as container runtimes do it. */
export const images: Policy = {
  name: 'shambhala-images',
  on: podBearers,
  variables: {
    template: templateOf('object'),
    before: `oldObject == null ? dyn({}) : (${templateOf('oldObject')})`,
    old: imagesOf('variables.before'),
    fresh: `(${imagesOf('variables.template')}).filter(one, !(one in variables.old))`,
    hosted:
      "variables.fresh.map(one, one.matches('^([^/]*[.:][^/]*|localhost)/') ? one : 'docker.io/' + one).map(one, one.startsWith('index.docker.io/') ? one.substring(6) : one)",
    full: "variables.hosted.map(one, one.matches('^docker\\\\.io/[^/]*$') ? 'docker.io/library/' + one.substring(10) : one)",
    allowed: noted(marks.images),
    foreign: `variables.full.filter(one, !(one.matches(${wholeName}) && variables.allowed.exists(allowed, ${under})))`,
  },
  rules: [
    {
      that: 'size(variables.foreign) == 0',
      message: 'this image may not run here: use images of your own path or those that the hunt provides',
      tell: "'image ' + variables.foreign.join(', ') + ' may not run here; allowed are: ' + (size(variables.allowed) == 0 ? 'none' : variables.allowed.join(', '))",
    },
  ],
}

/** Where pods run, and before whom, is the organizers' to say. */
export const placement: Policy = {
  name: 'shambhala-placement',
  on: podBearers,
  when: {
    notEphemeral: "request.?subResource.orValue('') == ''",
    alive: '!has(object.metadata.deletionTimestamp)',
  },
  variables: {
    template: templateOf('object'),
    spec: 'variables.template.?spec.orValue({})',
    tolerations: 'variables.spec.?tolerations.orValue([])',
  },
  rules: [
    {
      // The scheduler names a Pod's node later, and not by a create.
      that: "(object.kind == 'Pod' && request.operation != 'CREATE') || variables.spec.?nodeName.orValue('') == ''",
      message: 'nodeName: the scheduler chooses the node; remove the field',
    },
    {
      that: "!variables.spec.?priorityClassName.orValue('').startsWith('system-')",
      message: 'priorityClassName: the system classes are not for players; remove the field',
    },
    {
      that: "variables.tolerations.all(one, one.?key.orValue('') != '' && !one.key.startsWith('node-role.kubernetes.io/'))",
      message:
        'tolerations: name a key, and none of node-role.kubernetes.io; those nodes are not for players',
    },
    {
      that: `object.kind == 'Pod' || (variables.template.?metadata.?labels.orValue({}).all(key, !key.startsWith('shambhala.dev/')) && variables.template.?metadata.?annotations.orValue({}).all(key, !key.startsWith('shambhala.dev/')))`,
      message:
        'labels and annotations that start with shambhala.dev/ are the game master’s; remove them from the template',
    },
  ],
}

/** A claim may not name a volume that somebody else left, nor a class that the hunt does not offer. */
export const claims: Policy = {
  name: 'shambhala-claims',
  on: [{ groups: [''], resources: ['persistentvolumeclaims'], operations: ['CREATE', 'UPDATE'] }],
  variables: {
    class: note(marks.storageClass),
    asked: "object.spec.?storageClassName.orValue('')",
    player:
      "request.userInfo.?groups.orValue([]).exists(one, one == 'system:serviceaccounts:' + request.namespace)",
  },
  rules: [
    {
      that: "object.spec.?volumeName.orValue('') == '' || (request.operation == 'UPDATE' && (!variables.player || oldObject.spec.?volumeName == object.spec.?volumeName))",
      message: 'volumeName: claims are met with new volumes only; remove the field',
    },
    {
      that: "request.operation == 'UPDATE' || (variables.class == '' ? !has(object.spec.storageClassName) || variables.asked != '' : variables.asked == variables.class)",
      message: 'storageClassName: this class is not for players',
      tell: "variables.class == '' ? 'storageClassName: name a class, or remove the field' : 'storageClassName: must be ' + variables.class",
    },
  ],
}
