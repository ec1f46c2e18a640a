import type { Informer, KubernetesObject } from '@kubernetes/client-node'

const patienceMs = 20
const retryMs = 500

/**
 * Does `work` once all informers know what is there, then soon after each move, one at a time; what failed is done again. `soon` is
 * for moves that the API server does not show.
 */
export function onMoves(
  informers: readonly Informer<KubernetesObject>[],
  work: () => Promise<void>,
): { start: () => Promise<void>; soon: () => void } {
  let begun = false
  let timer: NodeJS.Timeout | undefined
  let last = Promise.resolve()
  const soon = () => {
    if (!begun || timer) return
    timer = setTimeout(() => {
      timer = undefined
      last = last.then(work).catch((error: unknown) => {
        console.error(String(error))
        setTimeout(soon, retryMs)
      })
    }, patienceMs)
  }
  const start = async () => {
    for (const informer of informers) follow(informer, soon)
    await Promise.all(informers.map((informer) => informer.start()))
    begun = true
    soon()
  }
  return { start, soon }
}

function follow(informer: Informer<KubernetesObject>, moved: () => void): void {
  for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, moved)
  informer.on('error', (error: unknown) => {
    console.error(String(error))
    setTimeout(() => void informer.start().catch((again: unknown) => console.error(String(again))), retryMs)
  })
}
