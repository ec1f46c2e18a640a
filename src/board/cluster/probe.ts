import { setTimeout as sleep } from 'node:timers/promises'
import { Inconclusive } from '../../lib/errors.ts'
import type { Connection } from './connection.ts'
import { failureOf } from './failure.ts'
import { playerAccount } from './marks.ts'
import { requestToken } from './namespaces.ts'
import { probeNetwork } from './network-probe.ts'
import { attemptsFor, type Attempt } from './probe-attempts.ts'
import type { ProbeTools } from './probe-tools.ts'
import type { NamespaceSpec, ProbeResult } from './types.ts'

const sawLength = 300
/** Rights and policies reach every part of the API server within this. */
const settleMs = [500, 1000, 2000]

/**
 * Tries with the player's own credentials what must be refused and what must work, then the network from inside.
 * A token of ten minutes is made for it.
 */
export async function probeNamespace(
  tools: ProbeTools,
  spec: NamespaceSpec,
  signal: AbortSignal,
): Promise<ProbeResult[]> {
  const { connection, settings, file } = tools
  const { token } = await requestToken(
    connection,
    { namespace: spec.name, account: playerAccount },
    new Date(),
  )
  const player = await connection.as(token)
  try {
    // Players of a board with a registry may run what the hunt provides there, where nothing else is allowed.
    const place = file.images[0] ?? (file.registry ? `${file.registry.host}/hunt` : 'image')
    const image = settings.probeImage ?? `${place.replace(/\/+$/, '')}/probe:1`
    const attempts = attemptsFor(spec, { settings, image, other: 'kube-system' })
    const results: ProbeResult[] = []
    for (const attempt of attempts) results.push(await tryUntilSettled(player, attempt, signal))
    return [...results, ...(await probeNetwork(tools, spec, signal))]
  } finally {
    player.close()
  }
}

/** A surprise right after the namespace was made may be a cache: it counts when it stays. */
async function tryUntilSettled(
  player: Connection,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<ProbeResult> {
  let result = await tryOnce(player, attempt, signal)
  for (const pause of settleMs) {
    if (result.ok) return result
    await sleep(pause, undefined, { signal })
    result = await tryOnce(player, attempt, signal)
  }
  return result
}

async function tryOnce(player: Connection, { id, expected, path, call }: Attempt, signal: AbortSignal) {
  const { status, body } = await player.send(path, { ...call, signal, truncate: true, maxBytes: 64 * 1024 })
  const worked = status >= 200 && status <= 299
  const failure = worked ? undefined : failureOf(status, body.toString())
  // 401: the token is not known yet. Nothing was learnt of the rights.
  if (failure instanceof Inconclusive && status !== 401) throw failure
  // Nonsense is refused whoever asks: it would prove nothing.
  const refused = status === 403 || (status === 422 && expected === 'refused')
  const ok = expected === 'allowed' ? worked : refused
  const saw = worked ? `${status}: it worked` : `${status}: ${failure?.message ?? ''}`
  return { id, expected, ok, saw: saw.slice(0, sawLength) }
}
