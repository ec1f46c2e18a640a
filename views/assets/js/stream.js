import { connect } from './connection.js'

/** A tab that nobody sees, and that has a stream of its own, gives its connection back after so long. */
const hiddenMs = 30_000
/** How long the worker may be silent, which tells of every beat, in milliseconds. */
const silentMs = 60_000
/** Tabs of an older page have a worker of their own where the two would not understand each other. */
const version = 1

/**
 * One stream for all tabs of a browser that read as the same person, in a worker that they share; where there are no such workers,
 * one for each tab that is seen. `since`: the newest event that the page includes; whatever came after it is told.
 */
export function openStream(reader, since, hearing) {
  try {
    share(reader, since, hearing)
  } catch {
    keepOwn(since, hearing)
  }
}

function share(reader, since, { heard, state }) {
  let last = since
  let sign = Date.now()
  let port
  let isAlone = false
  const join = () => {
    sign = Date.now()
    const worker = new SharedWorker('/assets/js/stream-worker.js', { type: 'module', name: `${version} ${reader}` })
    port = worker.port
    port.addEventListener('message', ({ data }) => {
      sign = Date.now()
      if (data.state) state(data.state)
      if (!data.kind) return
      last = data.id
      heard(data.kind, data.data)
    })
    worker.addEventListener('error', () => {
      if (!isAlone) keepOwn(last, { heard, state })
      isAlone = true
    })
    port.start()
    port.postMessage({ since: last })
  }
  const leave = () => {
    port.postMessage({})
    port.close()
  }
  join()
  setInterval(() => {
    if (isAlone || Date.now() - sign < silentMs) return
    state('lost')
    leave()
    join()
  }, 5000)
  addEventListener('pagehide', leave)
  addEventListener('pageshow', ({ persisted }) => persisted && join())
}

function keepOwn(since, hearing) {
  const connection = connect(since, hearing)
  let hidden
  let isAway = false
  const giveWay = () => {
    connection.close()
    isAway = true
  }
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(giveWay, hiddenMs)
    else if (isAway) connection.startAgain(connection.last)
    if (!document.hidden) isAway = false
  })
}
