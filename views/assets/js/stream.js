const kinds = ['standings', 'submission', 'workspace', 'announcement', 'hunt', 'workspaces']
const patience = 6000

/**
 * One connection for all tabs of a browser that read as the same person: the tab that holds the lock keeps it and
 * passes on what it hears. Plain http has no locks: there every tab has a connection of its own. `since`: the newest
 * event that the page includes; whatever came after it is told.
 */
export function openStream(reader, since, { heard, state }) {
  if (!navigator.locks || typeof BroadcastChannel === 'undefined') return void connect(since, { heard, state })
  const name = `shambhala-live-${reader}`
  const channel = new BroadcastChannel(name)
  const tell = (message) => channel.postMessage(message)
  let connection
  channel.addEventListener('message', ({ data }) => {
    // Another tab's page is older than its ear for this channel.
    if (data.since) connection?.startAgain(data.since)
    else if (data.state) state(data.state)
    else heard(data.kind, data.data)
  })
  tell({ since })
  void navigator.locks.request(name, () => {
    connection = connect(since, {
      heard: (kind, data) => {
        tell({ kind, data })
        heard(kind, data)
      },
      state: (now) => {
        tell({ state: now })
        state(now)
      },
    })
    // Held until this tab goes; then another takes over.
    return new Promise(() => undefined)
  })
}

function connect(since, { heard, state }) {
  let worried
  let source
  let last = since
  const open = () => {
    source = new EventSource(`/api/v1/events?lastEventId=${last}`)
    source.addEventListener('open', () => {
      clearTimeout(worried)
      worried = undefined
      state('open')
    })
    source.addEventListener('error', () => {
      worried ??= setTimeout(() => state('lost'), patience)
      // A refusal ends the stream for good: ask again after a while.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, patience + Math.random() * patience)
    })
    for (const kind of kinds) source.addEventListener(kind, hear)
  }
  const hear = (event) => {
    if (event.lastEventId !== '') last = event.lastEventId
    heard(event.type, JSON.parse(event.data))
  }
  open()
  return {
    /** From an event on that somebody saw last. */
    startAgain(from) {
      source.close()
      if (BigInt(from) < BigInt(last)) last = from
      open()
    },
  }
}
