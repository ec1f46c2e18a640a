const kinds = ['standings', 'submission', 'workspace', 'announcement', 'hunt', 'workspaces']
const patience = 6000

/**
 * One connection for all tabs of a browser that read as the same person: the tab that holds the lock keeps it and
 * passes on what it hears. Plain http has no locks: there every tab has a connection of its own.
 */
export function openStream(reader, { heard, state }) {
  if (!navigator.locks || typeof BroadcastChannel === 'undefined') return connect({ heard, state })
  const name = `shambhala-live-${reader}`
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', ({ data }) => {
    if (data.state) state(data.state)
    else heard(data.kind, data.data)
  })
  const tell = (message) => channel.postMessage(message)
  void navigator.locks.request(name, () => {
    connect({
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

function connect({ heard, state }) {
  let worried
  const source = new EventSource('/api/v1/events')
  source.addEventListener('open', () => {
    clearTimeout(worried)
    worried = undefined
    state('open')
  })
  source.addEventListener('error', () => {
    worried ??= setTimeout(() => state('lost'), patience)
    // A refusal ends the stream for good: ask again after a while.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => connect({ heard, state }), patience + Math.random() * patience)
    }
  })
  for (const kind of kinds) source.addEventListener(kind, (event) => heard(kind, JSON.parse(event.data)))
}
