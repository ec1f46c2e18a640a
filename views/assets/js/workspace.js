import { fetchPage, refresh, swap } from './fragment.js'

/** Nobody tells those who wait that somebody before them was served. */
const queueMs = 20_000

/** Shows the workspace as it is now, on the card and on its own page; what somebody is typing or about to delete is left alone. */
export async function workspaceMoved() {
  await refresh('#workspace', '/map?fragment=workspace')
  const field = document.querySelector('#workspace-page input[name="namespace"]:not([type="hidden"])')
  const busy = (field && field.value !== field.defaultValue) || document.querySelector('[data-confirm][open]')
  if (!document.getElementById('workspace-page') || busy) return
  const page = await fetchPage('/workspace')
  if (page) swap(page, ['#workspace-page'])
}

export function startQueueing() {
  setInterval(() => {
    if (document.querySelector('[data-cluster="waiting"]') && !document.hidden) void workspaceMoved()
  }, queueMs)
}
