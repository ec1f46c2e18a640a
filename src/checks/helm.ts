import type { NamespaceReader } from '../board/cluster/types.ts'
import type { Evidence } from '../core/verdict.ts'
import { Inconclusive, TooLarge } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Look } from './check.ts'
import { isAtWork } from './helm/at-work.ts'
import { findRevisions, hasGoneOn, type Revision } from './helm/choose.ts'
import { decodeRelease, mostUnpacked } from './helm/decode.ts'
import { factsOf } from './helm/facts.ts'
import { isHidden } from './helm/hidden.ts'
import { isWell, lookLive } from './helm/live.ts'
import { parseManifest } from './helm/manifest.ts'
import { readRelease, type Release } from './helm/release.ts'
import { seeing } from './seen-fault.ts'
import { helmFacts, helmSpec, nothingThere, releaseName, type HelmFacts, type HelmSpec } from './helm/spec.ts'

export const check: CheckKind<HelmSpec, HelmFacts> = {
  kind: 'helm',
  spec: helmSpec,
  facts: helmFacts,
  needs: ['cluster'],
  look,
}

/** An operation in progress takes seconds; Helm waits for pods only when it is told to. */
const againSeconds = 2
/** Bytes that all revisions together may unpack to. */
const mostHistory = 2 * mostUnpacked

async function look(spec: HelmSpec, context: CheckContext): Promise<Look<HelmFacts>> {
  const { board, signal } = context
  if (signal.aborted) throw new Inconclusive('Looking at the release was stopped.')
  if (!board.cluster) throw new Inconclusive('This board has no cluster to read the release from.')
  if (spec.release.length > 53 || !releaseName.test(spec.release))
    throw new Inconclusive(`The challenge asks for ${spec.release}, which can be no release’s name.`)
  const reader = await board.cluster.namespace(spec.environment)
  const found = await context.memo(`helm:${reader.namespace}:${spec.release}`, () =>
    findNewest(reader, spec.release, signal),
  )
  if (!found) {
    const hidden = await isHidden(reader, spec.release, signal)
    return { facts: nothingThere(spec, reader.namespace, hidden), evidence: [] }
  }
  const { newest, revisions } = found
  const evidence = [evidenceOf(newest)]
  const facts = await seeing(evidence, async () => {
    const manifest = spec.manifest || spec.live ? parseManifest(newest.manifest) : null
    return factsOf({
      ...found,
      history: spec.history ? [newest, ...(await readOlder(revisions.slice(1), signal))] : null,
      manifest: spec.manifest ? manifest : null,
      live: spec.live ? await lookLive(reader, spec.release, manifest ?? [], signal) : null,
    })
  })
  const made = [newest.version, newest.info.status, newest.info.last_deployed, facts.live]
  const isUnderWay = /^(pending-|uninstalling$)/.test(facts.status)
  const isBroken = isUnderWay && !(await isAtWork(reader, found.revisions[0].at, signal))
  if (isBroken) return { facts: { ...facts, problems: [brokenOff(facts)] }, evidence, made }
  const isGoingOn =
    isUnderWay ||
    (facts.live?.some((one) => !isWell(one)) === true && (await hasGoneOn(reader, found, signal)))
  return isGoingOn
    ? { facts, evidence, made, pending: true, why: stillGoing(newest), again: againSeconds }
    : { facts, evidence, made }
}

async function findNewest(reader: NamespaceReader, release: string, signal: AbortSignal) {
  const found = await findRevisions(reader, release, signal)
  if (!found) return null
  const [first] = found.revisions
  const { name, namespace, revision } = first
  const evidence = evidenceOf({ name, namespace, version: revision })
  const read = async () => readRelease((await decodeRelease(first)).json, first)
  return { ...found, newest: await seeing([evidence], read) }
}

/** One after the other: each may fill memory to the bound. */
async function readOlder(revisions: readonly Revision[], signal: AbortSignal): Promise<Release[]> {
  const releases: Release[] = []
  let left = mostHistory
  for (const revision of revisions) {
    if (signal.aborted) throw new Inconclusive('Looking at the release’s history was stopped.')
    const { json, bytes } = await decodeRelease(revision)
    left -= bytes
    if (left < 0)
      throw new TooLarge(
        `The revisions of ${revision.name} unpack to more than ${mostHistory} bytes.`,
        `Les révisions de ${revision.name}, une fois décompressées, dépassent ${mostHistory} octets.`,
      )
    releases.push(readRelease(json, revision))
  }
  return releases
}

function evidenceOf({ name, namespace, version }: Pick<Release, 'name' | 'namespace' | 'version'>): Evidence {
  return { what: 'release', revision: `${name} r${version}`, where: namespace, at: new Date().toISOString() }
}

function stillGoing({ name }: Release) {
  return {
    en: `Helm is still at work on ${name}. If nobody runs helm any more, it broke off: roll back or uninstall.`,
    fr: `Helm travaille encore sur ${name}. Si plus personne ne lance helm, il s’est interrompu : fais un rollback ou un uninstall.`,
  }
}

/** Nobody takes a release further that a killed helm has left, and helm itself refuses to go on with it. */
function brokenOff({ release, revision, status, deployed }: HelmFacts): HelmFacts['problems'][number] {
  const command =
    deployed > 0 && status !== 'uninstalling'
      ? `helm rollback ${release} ${deployed}`
      : `helm uninstall ${release}`
  return {
    code: 'broken-off',
    text: {
      en: `Revision ${revision} of ${release} is ${status}, but nothing moves: helm broke off. Clear it up (${command}), then run your command again.`,
      fr: `La révision ${revision} de ${release} est en ${status}, mais plus rien ne bouge : helm s’est interrompu. Remets-la en ordre (${command}), puis relance ta commande.`,
    },
  }
}
