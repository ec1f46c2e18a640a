import createMarkdown from 'markdown-it'

const markdown = createMarkdown({ html: false, linkify: false, typographer: false })
const safe = /^(https?:\/\/|mailto:|\/(?!\/)|#)/i
markdown.validateLink = (url) => safe.test(url.trim())
// A story's own headings stand below the stage's title.
markdown.core.ruler.push('lower-headings', (state) => {
  for (const token of state.tokens) {
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(Number(token.tag.slice(1)) + 1, 6)}`
  }
})
// Long lines scroll sideways in their box, which the keyboard has to reach too.
const code: NonNullable<typeof markdown.renderer.rules.fence> = (tokens, index) => {
  const { content = '', info = '' } = tokens[index] ?? {}
  const language = /^[\w-]+/.exec(info)?.[0]
  const name = language === undefined ? '' : ` class="language-${language}"`
  return `<pre tabindex="0"><code${name}>${markdown.utils.escapeHtml(content)}</code></pre>\n`
}
markdown.renderer.rules.fence = code
markdown.renderer.rules.code_block = code
// No picture comes from elsewhere: the policy would refuse it, and it would tell others who reads.
markdown.disable('image')

/** A story or a hint as HTML that is safe to show as it is: no raw HTML, links to http(s), mail, and paths alone. */
export function renderMarkdown(text: string): string {
  return markdown.render(text)
}
