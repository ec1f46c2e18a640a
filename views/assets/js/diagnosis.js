import { fetchPage } from './fragment.js'

/** What starts fails at different moments: a missing image soon, a probe or a crash later. */
const looks = [0, 4_000, 12_000, 30_000, 60_000]
let timers = []

/** Asks for the diagnosis now and a few times more, until it is asked again. */
export function followDiagnosis(stage, from = 0) {
  for (const timer of timers) clearTimeout(timer)
  timers = looks.slice(from).map((delay) => setTimeout(() => void look(stage), delay))
}

async function look(stage) {
  const holder = document.getElementById('diagnosis')
  const page = holder && (await fetchPage(`/hunt/${encodeURIComponent(stage)}?fragment=diagnosis`))
  // What stays as it is, is not read out again, and what was opened stays open.
  if (!page || page.body.textContent === holder.textContent) return
  holder.replaceChildren(...page.body.childNodes)
}
