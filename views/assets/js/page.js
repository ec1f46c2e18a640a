import { startCopying } from './copy.js'
import { fetchPage, swap } from './fragment.js'

/**
 * Makes the open page like the server's now, without loading it anew. What is typed stays, and where somebody types, or where
 * another page would come, as after the end of a log-in, the page stays as it is and says that it is no longer so.
 */
export async function renewPage(isDone = () => true, tries = 5) {
  // The library comes with the first change.
  const [page, { morph }] = await Promise.all([fetchPage(location.href), import('./morph.js')])
  const main = document.getElementById('main')
  const fresh = page?.getElementById('main')
  const isAnother = page && page.body.className !== document.body.className
  if (page) swap(page, ['#announcement'])
  if (isAnother || isTyping()) {
    if (page && !isAnother) swap(page, ['.clock'])
    sayChanged(true)
    return
  }
  if (fresh) {
    morph(main, fresh)
    startCopying(main)
    document.body.dataset.hunt = page.body.dataset.hunt
    sayChanged(false)
    document.dispatchEvent(new Event('page-renewed'))
  }
  // A page that is kept for all is made anew a moment later, and another process may hear a moment later.
  if (!isDone() && tries > 1) setTimeout(() => void renewPage(isDone, tries - 1), 1000)
}

/** Takes parts of it alone. */
export async function renewParts(selectors, isDone = () => true, tries = 5) {
  const page = await fetchPage(location.href)
  if (page) swap(page, selectors)
  if (!isDone() && tries > 1) setTimeout(() => void renewParts(selectors, isDone, tries - 1), 1000)
}

export function sayChanged(is) {
  for (const line of document.querySelectorAll('[data-changed]')) line.hidden = !is
}

const typed = '#main input:not([type="hidden"]), #main textarea'
const isTyping = () => [...document.querySelectorAll(typed)].some((field) => field.value !== field.defaultValue)
