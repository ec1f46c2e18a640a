/** What of a stage's page is to be typed, as its player reads it. */
export interface PrintedPage {
  /** Lines of bash; null where there are none. */
  commands: string | null
  /** The story and the hints, in every language: Markdown. */
  texts: readonly string[]
}

const block = /^ {0,8}```(bash|sh|console)[ \t]*\n([\s\S]*?)^ {0,8}```[ \t]*$/gm

/** Each line once, in the order in which they stand: those under “The lines to type”, then those of marked blocks. */
export function printedLines({ commands, texts }: PrintedPage): string[] {
  const lines = [commands ?? '', ...texts.flatMap(blocksOf)].flatMap(linesOf)
  return [...new Set(lines)]
}

/** Blocks that are marked as bash or sh; of a console the lines behind its prompt. */
function blocksOf(markdown: string): string[] {
  return [...markdown.matchAll(block)].map(([, language = '', content = '']) => {
    const lines = content.split('\n').map((line) => line.trimStart())
    if (language !== 'console') return lines.join('\n')
    return lines.flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : [])).join('\n')
  })
}

/** A line that ends with a backslash goes on in the next one; comments are not typed. */
function linesOf(bash: string): string[] {
  const joined = bash.replaceAll(/\\\n[ \t]*/g, '')
  return joined
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
