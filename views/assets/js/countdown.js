import { renewPage } from './page.js'

const loadedAt = Date.now()
const serverNow = Date.parse(document.querySelector('meta[name="now"]')?.content ?? '') || loadedAt
// The visitor's clock may be wrong, and a page that is kept for all may be old: the server's clock is what counts.
let offset = serverNow - loadedAt

/** `at`: what time it is on the server. */
export function setClock(at) {
  offset = Date.parse(at) - Date.now()
}

/** Counts down to the moments on the page, and renews it when one of them has come. */
export function startCountdowns() {
  const passed = new Set()
  const tick = () => {
    const now = Date.now() + offset
    // A clock may have been put in the place of another.
    for (const timer of document.querySelectorAll('[data-countdown]')) {
      const at = timer.dataset.countdown
      const left = Math.max(0, Math.ceil((Date.parse(at) - now) / 1000))
      timer.hidden = false
      timer.textContent = inWords(left)
      if (left > 0 || Date.parse(at) <= serverNow || passed.has(at)) continue
      passed.add(at)
      const isGone = () => document.querySelector(`[data-countdown="${at}"]`) === null
      // Not all at the same instant: the whole room has this page open.
      setTimeout(() => void renewPage(isGone), 500 + Math.random() * 2500)
    }
  }
  setInterval(tick, 1000)
  document.addEventListener('page-renewed', tick)
  tick()
}

function inWords(seconds) {
  const days = Math.floor(seconds / 86_400)
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':')
  if (days === 0) return clock
  const unit = new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: 'day', unitDisplay: 'long' })
  return `${unit.format(days)} ${clock}`
}
