/** A form that is under way is not sent a second time by a second press. */
const longestMs = 10_000

export function startSendingOnce() {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (event.defaultPrevented || form.method !== 'post') return
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
    // Where no answer comes, another try is right.
    setTimeout(() => delete form.dataset.sent, longestMs)
  })
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
  })
}
