const state = document.getElementById('state')
const list = document.getElementById('villagers')
const form = document.getElementById('arrive')

async function ask(method, body) {
  const response = await fetch('api/villagers', { method, body })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

async function show() {
  const villagers = await ask('GET')
  state.textContent = villagers.length === 0 ? 'Nobody lives here yet.' : `${villagers.length} live here.`
  list.replaceChildren(
    ...villagers.map(({ name, craft }) => {
      const item = document.createElement('li')
      item.textContent = craft ? `${name}, ${craft}` : name
      return item
    }),
  )
}

const orSay = (work) => work().catch((error) => (state.textContent = error.message))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void orSay(async () => {
    await ask('POST', JSON.stringify(Object.fromEntries(new FormData(form))))
    form.reset()
    await show()
  })
})
void orSay(show)
