import { fetchPage } from './fragment.js'
import { morph } from './morph.js'

/** Ages grow, and nobody tells of it. */
const agesMs = 60_000
const parts = ['#clusters', '#workspaces']
let isAsked = false
let isLooking = false
let isBlind = false

export function startDesk() {
  setInterval(deskMoved, agesMs)
  document.addEventListener('visibilitychange', deskMoved)
}

/** Shows the workspaces as they are now. What moves while one look is under way is seen by the next, however much it is. */
export function deskMoved() {
  isAsked = true
  if (!isLooking && document.querySelector(parts[0])) void lookAround()
}

async function lookAround() {
  isLooking = true
  // Who comes back to a page that was hidden asks again.
  while (isAsked && !document.hidden) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700))
    isAsked = false
    await look()
  }
  isLooking = false
}

async function look() {
  const page = await fetchPage(location.href)
  const found = parts.map((part) => page?.querySelector(part))
  const isSeen = found.every(Boolean)
  // Such as when the session has ended: better said than an old page taken for a quiet one.
  if (!isSeen || isBlind) for (const line of document.querySelectorAll('[data-connection]')) line.hidden = isSeen
  isBlind = !isSeen
  if (isSeen) for (const [index, part] of parts.entries()) morph(document.querySelector(part), found[index])
}
