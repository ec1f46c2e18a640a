import { Idiomorph } from '/assets/idiomorph/idiomorph.esm.js'

/** What somebody typed, ticked, chose or opened is theirs, whatever the server says. */
const theirs = {
  value: 'input:not([type="hidden"]), textarea',
  checked: 'input',
  selected: 'option',
  open: 'details',
}
const callbacks = { beforeAttributeUpdated: (name, element) => !(theirs[name] && element.matches(theirs[name])) }

/**
 * Makes one element like another: what stays the same stays in place, with its focus, its scroll position and what was selected
 * in it. Rows with an id keep their identity wherever they move; a row without one would become whichever stands in its place.
 */
export function morph(here, there) {
  if (here.isEqualNode(there)) return
  const focused = document.activeElement
  const row = focused?.closest('[data-slug]:not(body)')
  Idiomorph.morph(here, there, { callbacks })
  if (!focused || focused === document.activeElement) return
  // A moved row may have let go of the focus; where the button itself is gone, what is left of its row takes it.
  const heir = focused.isConnected ? focused : (row?.isConnected && row.querySelector('a, button')) || document.getElementById('main')
  heir.focus({ preventScroll: true })
}
