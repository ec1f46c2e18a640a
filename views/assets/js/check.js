import { swap } from './fragment.js'

/** Sends the Check form without leaving the page; where that fails, the form goes as forms do. */
export function startChecking() {
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('[data-check]')
    if (!form) return
    event.preventDefault()
    void send(form)
  })
}

async function send(form) {
  const button = form.querySelector('button[type="submit"]')
  button.disabled = true
  try {
    const body = new URLSearchParams(new FormData(form))
    const response = await fetch(form.action, { method: 'POST', body, headers: { accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    if (!page.querySelector('[data-check]')) throw new Error('another page came back')
    swap(page, ['#flash', '#verdict', '[data-check]', '.history'])
  } catch {
    form.submit()
  }
}
