import { connect } from './connection.js'

// Keeps one stream for all tabs that read as the same person, on plain HTTP too, where a browser opens six connections to a host
// and no more.
const tabs = new Set()
let connection

self.addEventListener('connect', ({ ports: [tab] }) => {
  tab.addEventListener('message', ({ data }) => {
    if (data.since === undefined) leave(tab)
    else join(tab, data.since)
  })
  tab.start()
})

function join(tab, since) {
  tabs.add(tab)
  // What happened between the tab's page and now is told by the stream alone.
  if (connection) connection.startAgain(since)
  else connection = connect(since, { heard: (kind, data, id) => tell({ kind, data, id }), state: (state) => tell({ state }) })
  if (connection.state) tab.postMessage({ state: connection.state })
}

function leave(tab) {
  tabs.delete(tab)
  if (tabs.size > 0) return
  connection?.close()
  connection = undefined
}

function tell(message) {
  for (const tab of tabs) tab.postMessage(message)
}
