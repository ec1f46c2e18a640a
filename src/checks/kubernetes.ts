import type { KubeObject, NamespaceReader } from '../board/cluster/types.ts'
import type { Problem } from '../core/problem.ts'
import { Inconclusive } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Look } from './check.ts'
import { explain } from './kubernetes/diagnose.ts'
import { condense } from './kubernetes/events.ts'
import { gather, lookCloser } from './kubernetes/gather.ts'
import { madeOf } from './kubernetes/made.ts'
import { isReplaced, isSettling } from './kubernetes/pods.ts'
import { readinessOf, type Readiness } from './kubernetes/ready.ts'
import { belongingTo, partsFor } from './kubernetes/related.ts'
import type { NamespaceContents } from './kubernetes/namespace-contents.ts'
import type { Pod } from './kubernetes/shapes.ts'
import { bare, bound, seeContainers, seeObject } from './kubernetes/see.ts'
import {
  kubernetesFacts,
  kubernetesSpec,
  type KubernetesFacts,
  type KubernetesSpec,
} from './kubernetes/spec.ts'
import { nameOf } from './kubernetes/words.ts'
import { seeing } from './seen-fault.ts'

export const check: CheckKind<KubernetesSpec, KubernetesFacts> = {
  kind: 'kubernetes',
  spec: kubernetesSpec,
  facts: kubernetesFacts,
  needs: ['cluster'],
  look,
}

const mostObjects = 200
const againSeconds = 3

async function look(spec: KubernetesSpec, context: CheckContext): Promise<Look<KubernetesFacts>> {
  const { signal, board } = context
  if (signal.aborted) throw new Inconclusive('Looking at the cluster was stopped.')
  if (!board.cluster) throw new Inconclusive('This board has no cluster to look at.')
  const reader = await board.cluster.namespace(spec.environment)
  const parts = partsFor(spec)
  const [{ items, truncated }, gathered] = await Promise.all([
    find(reader, spec, signal),
    context.memo(`kubernetes:${reader.cluster}:${reader.namespace}:${parts.join()}`, () =>
      gather(reader, parts, signal),
    ),
  ])
  const objects = items.map(bare)
  const evidence = objects.slice(0, 20).map((one) => evidenceOf(one, reader))
  await seeing(evidence, () => bound(objects))
  const own = belongingTo(items, gathered)
  const states = items.map((one) => readinessOf(one, gathered.slices))
  const settling = own.pods.some((pod) => isSettling(pod, own.now))
  const well = states.every((state) => state === 'ready') && !settling
  const contents = well ? withoutLeaving(own, items) : await lookCloser(own, reader, signal)
  const problems = well ? [] : explain(items, states, contents)
  const facts = factsOf({ reader, objects, truncated, states, settling, contents, problems })
  const looked = { facts, evidence, made: madeOf(objects, own) }
  const waits = well ? null : waitFor({ objects, states, settling, problems })
  return waits ? { ...looked, pending: true, ...waits } : looked
}

async function find(
  reader: NamespaceReader,
  { apiVersion, kind, name, selector }: KubernetesSpec,
  signal: AbortSignal,
): Promise<{ items: KubeObject[]; truncated: boolean }> {
  if (name === undefined) {
    const options = { items: mostObjects, ...(selector !== undefined && { labelSelector: selector }) }
    const { items, truncated } = await reader.list({ apiVersion, kind }, options, signal)
    if (apiVersion !== 'v1' || kind !== 'Pod') return { items, truncated }
    return { items: items.filter((pod) => !isReplaced(pod as Pod, items as Pod[])), truncated }
  }
  const one = await reader.get({ apiVersion, kind }, name, signal)
  return { items: one ? [one] : [], truncated: false }
}

/** Pods that are on their way out say nothing of what runs. */
function withoutLeaving(own: NamespaceContents, items: readonly KubeObject[]): NamespaceContents {
  const asked = items.map(({ metadata }) => metadata.uid)
  const stays = ({ metadata }: KubeObject) =>
    metadata.deletionTimestamp === undefined || asked.includes(metadata.uid)
  return { ...own, pods: own.pods.filter(stays) }
}

interface Seen {
  reader: NamespaceReader
  objects: readonly KubeObject[]
  truncated: boolean
  states: readonly Readiness[]
  settling: boolean
  contents: NamespaceContents
  problems: Problem[]
}

function factsOf({
  reader,
  objects,
  truncated,
  states,
  settling,
  contents,
  problems,
}: Seen): KubernetesFacts {
  return {
    found: objects.length > 0,
    count: objects.length,
    truncated,
    namespace: reader.namespace,
    object: objects[0] ?? null,
    objects: objects.map((one, index) => seeObject(one, states[index] === 'ready')),
    ready: objects.length > 0 && !settling && states.every((state) => state === 'ready'),
    containers: seeContainers(contents.pods),
    events: condense(contents.events),
    problems,
    why: problems[0]?.text.en ?? '',
  }
}

/** Waits while something is on its way; a problem that only the player can mend ends the waiting. */
function waitFor({
  objects,
  states,
  settling,
  problems,
}: Pick<Seen, 'objects' | 'states' | 'settling' | 'problems'>) {
  const hopeless = problems.some((one) => !one.heals && !one.ours)
  if (hopeless || states.includes('stuck')) return null
  const ours = problems.find((one) => one.ours)
  if (ours) throw new Inconclusive(ours.text.en)
  const going = objects.filter((_, index) => states[index] === 'going').map(nameOf)
  const names = going.slice(0, 3).join(', ')
  if (settling && going.length === 0)
    return {
      again: againSeconds,
      why: {
        en: 'A container was restarted a moment ago; we look whether it stays.',
        fr: 'Un conteneur vient d’être relancé ; nous regardons s’il tient.',
      },
    }
  return {
    again: againSeconds,
    why: { en: `${names} is not ready yet.`, fr: `${names} n’est pas encore prêt.` },
  }
}

function evidenceOf({ kind, metadata }: KubeObject, { cluster, namespace }: NamespaceReader) {
  return {
    what: 'object' as const,
    revision: metadata.resourceVersion ?? '',
    where: `${cluster} ${namespace} ${nameOf({ kind, metadata })}`,
    at: new Date().toISOString(),
  }
}
