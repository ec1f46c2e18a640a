import type { Problem } from '../../../core/problem.ts'
import { isQuiet } from '../changed.ts'
import type { NamespaceContents } from '../namespace-contents.ts'
import type { Claim } from '../shapes.ts'
import { brief, nameOf } from '../words.ts'
import { problem } from './make.ts'

interface Reason {
  en: string
  fr: string
  message?: string
  /** It may mend by itself. */
  heals?: boolean
}

/** Why a claim has no volume; nothing while one is being made. */
export function claimProblems(claim: Claim, contents: NamespaceContents): Problem[] {
  const { phase } = claim.status ?? {}
  if (phase === 'Bound' || claim.metadata.deletionTimestamp !== undefined) return []
  const why = phase === 'Lost' ? lost : reasonOf(claim, contents)
  if (!why) return []
  const object = nameOf(claim)
  const details = {
    message: why.message ?? '',
    storageClass: brief(claim.spec.storageClassName, 253),
    command: `kubectl describe pvc ${claim.metadata.name}`,
  }
  return [
    problem(
      'claim-unbound',
      object,
      {
        en: `${object} gets no volume: ${why.en}. See: ${details.command}`,
        fr: `${object} ne reçoit pas de volume : ${why.fr}. Regarde : ${details.command}`,
      },
      details,
      { heals: why.heals ?? false },
    ),
  ]
}

const again = {
  en: 'A claim cannot be changed: delete it and apply it again',
  fr: 'Une demande ne se modifie pas : supprime-la et applique-la de nouveau',
}

const lost: Reason = {
  en: `the volume that it had is gone. ${again.en}`,
  fr: `le volume qu’elle avait n’existe plus. ${again.fr}`,
}

function reasonOf(claim: Claim, { events, mounted, now }: NamespaceContents): Reason | null {
  const { spec, metadata } = claim
  const own = events.filter(({ involvedObject }) => involvedObject.uid === metadata.uid)
  // The API server writes the default class in, where there is one.
  if ((spec.storageClassName ?? '') === '' && (spec.volumeName ?? '') === '')
    return {
      en: `it names no storage class, and nothing gives it one. Write one into spec.storageClassName; the hunt says which there are. ${again.en}`,
      fr: `elle ne nomme pas de classe de stockage, et rien ne lui en donne. Écris-en une dans spec.storageClassName ; le jeu dit lesquelles existent. ${again.fr}`,
    }
  const last = own.at(-1)
  if (last?.reason === 'WaitForFirstConsumer' && !mounted.has(metadata.name))
    return {
      en: 'it waits for the first pod that mounts it, and none does. Name it in the volumes of a pod',
      fr: 'elle attend le premier pod qui la monte, et aucun ne le fait. Nomme-la dans les volumes d’un pod',
    }
  if (!last && isQuiet(claim, now))
    return {
      en: `nothing in this cluster makes one of the class ${brief(spec.storageClassName, 253)}. Is its name right? ${again.en}`,
      fr: `rien dans ce cluster n’en fait de la classe ${brief(spec.storageClassName, 253)}. Son nom est-il juste ? ${again.fr}`,
    }
  const said = own.findLast(({ reason }) => /Failed/.test(reason ?? ''))?.message
  if (said === undefined) return null
  const message = brief(said)
  const isUnknown = /^storageclass\S* "[^"]+" not found/.test(said)
  return isUnknown
    ? { en: `${message}. ${again.en}`, fr: `${message}. ${again.fr}`, message }
    : { en: message, fr: message, message, heals: true }
}
