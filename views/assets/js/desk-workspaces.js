import { fetchPage } from './fragment.js'
import { morph } from './morph.js'

/** Ages grow, and nobody tells of it. */
const agesMs = 60_000
const blindMs = 5_000
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
  if (isBlind) {
    setTimeout(deskMoved, blindMs)
    return
  }
  steadily(() => {
    for (const [index, part] of parts.entries()) morph(document.querySelector(part), found[index])
  })
}

/** Keeps the rows that somebody reads where they are, whatever comes above them; who is at the top sees it come. */
function steadily(change) {
  const page = document.documentElement
  const topOf = (row) => row.getBoundingClientRect().top
  const rows = [...document.querySelectorAll('#workspaces tbody')]
    .map((row) => ({ row, top: topOf(row) }))
    .filter(({ row, top }) => top < page.clientHeight && row.getBoundingClientRect().bottom > 0)
  change()
  if (page.scrollTop === 0) return
  const shifts = rows.flatMap(({ row, top }) => (row.isConnected ? [topOf(row) - top] : [])).sort((a, b) => a - b)
  // One row may go far; most of them tell how far the page went.
  page.scrollBy({ top: shifts[Math.floor(shifts.length / 2)] ?? 0, behavior: 'instant' })
}
