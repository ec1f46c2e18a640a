import { setClock } from './countdown.js'
import { followDiagnosis } from './diagnosis.js'
import { fetchPage, refresh, swap } from './fragment.js'
import { renewPage, renewParts, sayChanged } from './page.js'
import { markOwnRow, moveStandings } from './standings.js'
import { openStream } from './stream.js'
import { startQueueing, workspaceMoved } from './workspace.js'

const { live, slug, visitor, since } = document.body.dataset
// Players' pages need nothing of it.
const desk = live === 'desk' ? import('./desk-workspaces.js') : null
let lost = false
/** What the stream said last of the hunt, and whether the page was another then. */
let told = null
let isOutdated = false

/** Keeps the page as it is on the server, event by event. */
export function startLive() {
  const reader = rememberedReader()
  markOwnRow(reader)
  document.addEventListener('page-renewed', () => markOwnRow(reader))
  if (!live) return
  // A stream that was opened before its reader became an organizer tells less: the desk shares none with other pages.
  openStream(live === 'desk' ? 'desk' : (reader ?? 'visitor'), since, { heard, state })
  void desk?.then(({ startDesk }) => startDesk())
  startQueueing()
  const stage = stageHere()
  if (stage && document.getElementById('diagnosis')) followDiagnosis(stage, 1)
}

// The leaderboard's page is the same for all; who reads it is known from the pages before.
function rememberedReader() {
  try {
    if (slug) localStorage.setItem('slug', slug)
    else if (visitor !== undefined) localStorage.removeItem('slug')
    return localStorage.getItem('slug')
  } catch {
    return slug ?? null
  }
}

function state(now) {
  for (const line of document.querySelectorAll('[data-connection]')) line.hidden = now !== 'lost'
  if (now === 'open' && lost) void catchUp()
  lost = now === 'lost'
}

async function catchUp() {
  const page = await fetchPage(location.href)
  deskMoved()
  if (page) swap(page, ['#verdict', '#map-trail', '.own', '.history', '#workspace', '#workspace-page', '#announcement', '[data-board]', '.clock'])
}

function heard(kind, data) {
  if (kind === 'standings') {
    moveStandings(data)
    clockMoved(data)
  }
  if (kind === 'submission') void submissionMoved(data)
  if (kind === 'workspace') void workspaceMoved()
  if (kind === 'announcement') announced(data)
  if (kind === 'beat') setClock(data.now)
  if (kind === 'workspaces') deskMoved()
  // The desk shows nothing of it.
  if (kind === 'hunt' && live !== 'desk') huntTold(data)
}

function announced({ id }) {
  const isShown = () => document.getElementById('announcement')?.dataset.id === String(id ?? '')
  if (!isShown()) void renewParts(['#announcement'], isShown)
}

/** A stream says first how things stand: what the page shows already is no news. */
function huntTold(data) {
  told = JSON.stringify(data)
  // Not all at the same instant: the whole room has this page open.
  if (!isToldShown()) setTimeout(() => void renewPage(isToldShown), Math.random() * 1500)
  else if (isOutdated) {
    void renewParts(['.clock'])
    sayChanged(false)
  }
  isOutdated = !isToldShown()
}

const isToldShown = () => document.body.dataset.hunt === told

const deskMoved = () => void desk?.then((it) => it.deskMoved())

/** The moment of the freeze is no change by the organizers: the standings alone tell of it. */
function clockMoved({ frozen }) {
  const clock = document.querySelector('.clock')
  if (!clock || clock.dataset.frozen === String(frozen)) return
  clock.dataset.frozen = frozen
  setTimeout(() => void renewParts(['.clock']), Math.random() * 1500)
}

const stageHere = () => document.querySelector('[data-challenge]')?.dataset.challenge

async function submissionMoved({ challenge, status, verdict }) {
  if (stageHere() === challenge) {
    await refresh('#verdict', `/hunt/${encodeURIComponent(challenge)}?fragment=verdict`)
    if (document.getElementById('diagnosis')) followDiagnosis(challenge)
    if (status === 'done') await renewParts(['.history', '.stage-head', '.stage-nav'])
  }
  if (document.getElementById('map-trail') && verdict === 'passed') await renewParts(['#map-trail', '.own'])
}
