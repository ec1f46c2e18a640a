import { startCopying } from './copy.js'

/** Takes these parts of the page from another rendering of it. */
export function swap(page, selectors) {
  for (const selector of selectors) {
    const here = document.querySelector(selector)
    const there = page.querySelector(selector)
    if (!here || !there || here.isEqualNode(there)) continue
    here.replaceWith(document.adoptNode(there))
    startCopying(there)
  }
}

/** The page at an address, or null where it does not come in time. One that says what was refused has the status 422. */
export async function fetchPage(address) {
  try {
    const signal = AbortSignal.timeout(20_000)
    const response = await fetch(address, { headers: { accept: 'text/html' }, signal })
    return response.ok || response.status === 422 ? new DOMParser().parseFromString(await response.text(), 'text/html') : null
  } catch {
    return null
  }
}

/** Puts a fragment into the element that holds it. */
export async function refresh(selector, address) {
  const holder = document.querySelector(selector)
  const page = holder && (await fetchPage(address))
  if (!page) return
  holder.replaceChildren(...page.body.childNodes)
  startCopying(holder)
}
