const root = document.documentElement
const key = 'theme'

function stored() {
  try {
    const theme = localStorage.getItem(key)
    return theme === 'light' || theme === 'dark' ? theme : null
  } catch {
    return null
  }
}

function apply(theme) {
  if (theme) root.dataset.theme = theme
  else delete root.dataset.theme
}

const system = matchMedia('(prefers-color-scheme: dark)')
apply(stored())

document.addEventListener('DOMContentLoaded', () => {
  for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.hidden = false
    button.addEventListener('click', () => {
      const now = root.dataset.theme ?? (system.matches ? 'dark' : 'light')
      const next = now === 'dark' ? 'light' : 'dark'
      // Where the choice is what the system says anyway, the system is followed again.
      const same = next === (system.matches ? 'dark' : 'light')
      apply(same ? null : next)
      try {
        if (same) localStorage.removeItem(key)
        else localStorage.setItem(key, next)
      } catch {
        // A browser that keeps nothing forgets the choice with the page.
      }
    })
  }
})
