import { PlayerFault, TooLarge } from '../../lib/errors.ts'

/** A chart as helm would not have made or pushed it; `what` names it to the player. */
export function malformed(what: string, why: string, french: string): PlayerFault {
  return new PlayerFault(
    `${what} is no chart as Helm pushes it: ${why}. Make it with \`helm package\` and push it with \`helm push\`.`,
    `${what} n’est pas un chart tel que Helm le pousse : ${french}. Fais-le avec \`helm package\` et pousse-le avec \`helm push\`.`,
  )
}

export function tooLarge(what: string, bound: string, borne: string): TooLarge {
  return new TooLarge(
    `${what} has more than ${bound}, which is all that is read of a chart: make it smaller.`,
    `${what} a plus de ${borne}, et on n’en lit pas davantage d’un chart : allège-le.`,
  )
}
