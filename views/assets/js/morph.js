/**
 * Makes one element like another, node by node: what stays the same stays in place, with its focus, its scroll position and
 * what was selected in it. Children with a `data-slug` keep their identity wherever they move.
 */
export function morph(here, there) {
  const focused = document.activeElement
  const row = focused?.closest('[data-slug]:not(body)')
  morphNode(here, there)
  if (!focused || focused === document.activeElement) return
  // A moved row has let go of the focus; where the button itself is gone, what is left of its row takes it.
  const heir = focused.isConnected ? focused : (row?.isConnected && row.querySelector('a, button')) || document.getElementById('main')
  heir.focus({ preventScroll: true })
}

function morphNode(here, there) {
  if (here.isEqualNode(there)) return
  for (const { name } of [...here.attributes]) if (!there.hasAttribute(name)) here.removeAttribute(name)
  for (const { name, value } of there.attributes) if (here.getAttribute(name) !== value) here.setAttribute(name, value)
  const kept = bySlug(here)
  const wantedSlugs = bySlug(there)
  for (const [slug, child] of kept) if (!wantedSlugs.has(slug)) child.remove()
  let next = here.firstChild
  for (const wanted of [...there.childNodes]) {
    const match = kept.get(wanted.dataset?.slug) ?? (next && isAlike(next, wanted) ? next : null)
    if (!match) {
      here.insertBefore(document.importNode(wanted, true), next)
      continue
    }
    // Rather one row goes down than all the others up.
    if (match === next?.nextSibling && next.dataset?.slug) {
      here.append(next)
      next = match
    }
    if (match === next) next = next.nextSibling
    else here.insertBefore(match, next)
    if (match.nodeType === document.ELEMENT_NODE) morphNode(match, wanted)
    else if (match.data !== wanted.data) match.data = wanted.data
  }
  while (next) {
    const gone = next
    next = next.nextSibling
    gone.remove()
  }
}

const bySlug = (node) => new Map([...node.children].flatMap((child) => (child.dataset.slug ? [[child.dataset.slug, child]] : [])))
const isAlike = (one, other) => one.nodeName === other.nodeName && one.dataset?.slug === other.dataset?.slug
