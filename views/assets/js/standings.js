import { fetchPage, swap } from './fragment.js'
import { renewPage } from './page.js'

let own = null
let fetching = false

export function markOwnRow(slug) {
  own = slug
  const row = slug && document.querySelector(`[data-board] tr[data-slug="${slug}"]`)
  if (row) row.classList.add('own-row')
}

/** Takes in one publication: rows that stay on this page move in place; for all else the page is asked again. */
export function moveStandings({ version, total, rows, gone, first }) {
  const table = document.querySelector('[data-board]')
  if (!table) {
    if (total > 0 && document.querySelector('.page-leaderboard, .page-landing, .page-screen')) void renewPage(hasTable)
    return
  }
  if (version <= Number(table.dataset.version)) return
  const body = table.tBodies[0]
  const from = Number(table.dataset.from)
  const known = rows.filter((row) => rowOf(body, row.slug))
  const outside = (row) => row.rank < from || row.rank >= from + body.rows.length
  const room = body.rows.length < Number(table.dataset.limit) ? 1 : 0
  const joins = rows.some((row) => !rowOf(body, row.slug) && row.rank < from + body.rows.length + room)
  if (rows.length === 0 || joins || known.some(outside) || gone.some((slug) => rowOf(body, slug))) {
    void askAgain(table)
    return
  }
  table.dataset.version = version
  flip(body, () => {
    for (const row of [...known].sort((a, b) => a.rank - b.rank)) place(table, body, row, row.rank - from)
    renumber(body, from)
    markFirst(body, first)
  })
  for (const row of known) highlight(rowOf(body, row.slug))
}

const hasTable = () => document.querySelector('[data-board]') !== null
const rowOf = (body, slug) => body.querySelector(`tr[data-slug="${slug}"]`)

function place(table, body, { slug, name, score, lastSolveAt, solved }, index) {
  const row = rowOf(body, slug)
  row.remove()
  row.dataset.score = score
  body.insertBefore(row, body.rows[index] ?? null)
  const label = row.querySelector('.name span')
  if (label) label.textContent = name
  const language = document.documentElement.lang
  row.querySelector('.score').textContent = new Intl.NumberFormat(language === 'en' ? 'en-GB' : language).format(score)
  for (const pip of row.querySelectorAll('.pip')) pip.classList.toggle('pip-solved', pip.dataset.stage in solved)
  const pips = row.querySelector('.pips')
  pips.setAttribute('aria-label', pips.getAttribute('aria-label').replace(/\d+/, Object.keys(solved).length))
  const last = row.querySelector('.last')
  if (lastSolveAt) last.textContent = shortTime(lastSolveAt, language, table.dataset.zone)
}

function shortTime(at, language, timeZone) {
  const style = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone }
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, style).format(new Date(at))
}

function renumber(body, from) {
  const format = new Intl.NumberFormat(document.documentElement.lang)
  for (const [index, row] of [...body.rows].entries()) row.cells[0].textContent = format.format(from + index)
}

function markFirst(body, first) {
  for (const row of body.rows) {
    for (const pip of row.querySelectorAll('.pip')) {
      pip.classList.toggle('pip-first', first[pip.dataset.stage] === row.dataset.slug)
    }
  }
}

async function askAgain(table) {
  if (fetching) return
  fetching = true
  // A burst of changes asks once.
  await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700))
  const page = await fetchPage(location.href)
  fetching = false
  const fresh = page?.querySelector('[data-board]')
  if (!fresh) return
  if (table.tBodies[0].rows.length === 0) return swap(page, ['[data-board]'])
  flip(table.tBodies[0], () => {
    table.tBodies[0].replaceChildren(...fresh.tBodies[0].childNodes)
    table.dataset.version = fresh.dataset.version
    table.dataset.from = fresh.dataset.from
    markOwnRow(own)
  })
}

/** Lets each row travel from where it was, so that the eye can follow who overtook whom. */
function flip(body, change) {
  const before = new Map([...body.rows].map((row) => [row.dataset.slug, row.getBoundingClientRect().top]))
  change()
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  for (const row of body.rows) {
    const was = before.get(row.dataset.slug)
    const moved = was === undefined ? 0 : was - row.getBoundingClientRect().top
    if (moved === 0) continue
    row.animate([{ transform: `translateY(${moved}px)` }, { transform: 'none' }], { duration: 450, easing: 'ease-in-out' })
  }
}

function highlight(row) {
  row.classList.remove('row-moved')
  requestAnimationFrame(() => row.classList.add('row-moved'))
}
