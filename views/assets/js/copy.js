const { copied, select } = document.body.dataset

/** Shows the copy buttons. On plain http there is no clipboard: the text is selected for the keyboard. */
export function startCopying(root = document) {
  for (const button of root.querySelectorAll('[data-copy]')) button.hidden = false
  if (root !== document) return
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]')
    const source = button?.parentElement.querySelector('[data-copy-source]')
    if (source) void copy(source, button.querySelector('[data-copy-label]'))
  })
}

async function copy(source, label) {
  const before = (label.dataset.before ??= label.textContent)
  try {
    await navigator.clipboard.writeText(source.textContent)
    label.textContent = copied
  } catch {
    selectText(source)
    label.textContent = document.execCommand('copy') ? copied : select
  }
  setTimeout(() => (label.textContent = before), 4000)
}

function selectText(source) {
  const range = document.createRange()
  range.selectNodeContents(source)
  const selection = window.getSelection()
  selection.removeAllRanges()
  selection.addRange(range)
  source.focus()
}
