export const kinds = ['standings', 'submission', 'workspace', 'announcement', 'hunt', 'workspaces', 'beat']

/** How long a connection may be away before somebody is told, in milliseconds. */
const patience = 6000
/** So many beats may be missed: a connection that is half open ends by nothing else. */
const missed = 2.5
const lookMs = 500

/**
 * One event stream. `since`: the newest event that its reader knows of. `heard(kind, data, id)`; `state` is told `open` and `lost`
 * whenever it changes.
 */
export function connect(since, { heard, state }) {
  let source
  let watch
  let worried
  let now
  let last = since
  // What the server says in its first beat.
  let every = 15_000
  let sign = Date.now()

  const become = (next) => {
    clearTimeout(worried)
    worried = undefined
    if (now === next) return
    now = next
    state(next)
  }
  const hear = (event) => {
    sign = Date.now()
    become('open')
    if (event.lastEventId !== '') last = event.lastEventId
    const data = JSON.parse(event.data)
    if (event.type === 'beat') every = data.every
    heard(event.type, data, last)
  }
  const open = () => {
    source?.close()
    sign = Date.now()
    const mine = new EventSource(`/api/v1/events?lastEventId=${last}`)
    source = mine
    mine.addEventListener('error', () => {
      worried ??= setTimeout(() => become('lost'), patience)
      // A refusal ends the stream for good: ask again after a while.
      if (mine.readyState === EventSource.CLOSED)
        setTimeout(() => mine === source && open(), patience + Math.random() * patience)
    })
    for (const kind of kinds) mine.addEventListener(kind, hear)
    watch ??= setInterval(look, lookMs)
  }
  const look = () => {
    if (Date.now() - sign <= every * missed) return
    become('lost')
    open()
  }
  open()
  return {
    /** From an event on that somebody saw last. */
    startAgain(from) {
      if (BigInt(from) < BigInt(last)) last = from
      open()
    },
    close() {
      source?.close()
      clearInterval(watch)
      clearTimeout(worried)
      watch = undefined
      source = undefined
    },
    get last() {
      return last
    },
    get state() {
      return now
    },
  }
}
