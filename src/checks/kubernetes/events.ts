import type { KubeEvent } from './shapes.ts'
import { brief } from './words.ts'

export interface SeenEvent {
  type: string
  reason: string
  message: string
  count: number
  /** Such as `Pod/web-1`. */
  object: string
  /** Last time, RFC 3339; empty when not known. */
  at: string
}

const most = 50

export function timeOf(event: KubeEvent): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? ''
}

export function sortEvents(events: readonly KubeEvent[]): KubeEvent[] {
  const timed = events.map((event) => ({ event, at: Date.parse(timeOf(event)) || 0 }))
  return timed.sort((a, b) => a.at - b.at).map(({ event }) => event)
}

/** Events that say the same of the same object become one; the newest first, 50 at most. */
export function condense(events: readonly KubeEvent[]): SeenEvent[] {
  const seen = new Map<string, SeenEvent>()
  for (const event of sortEvents(events).reverse()) {
    const object = `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`
    const message = brief(event.message)
    const key = JSON.stringify([event.reason, object, withoutPodNames(message)])
    const count = event.series?.count ?? event.count ?? 1
    const known = seen.get(key)
    if (known) known.count += count
    else if (seen.size < most) {
      const { type = '', reason = '' } = event
      seen.set(key, { type, reason: brief(reason), message, count, object, at: timeOf(event) })
    }
  }
  return [...seen.values()]
}

/** Each refused pod has another name; what is said of it is the same. */
function withoutPodNames(message: string): string {
  return message.replace(/^\(combined from similar events\): /, '').replace(/pods "[^"]*"/, 'pods')
}
