/** Stands in a text for what only a run can tell. */
export const unknown = '\uE000'

export interface Started {
  /** As it is written, without quotes; computed parts are `unknown`. */
  program: string
  /** Counted from 1 in the script. */
  line: number
  /** Looked for by `command -v`, perhaps as one of several that would do. */
  asked?: true
}

interface Word {
  text: string
  /** With its quotes and dollars. */
  raw: string
  line: number
}

/** How the script goes on after a word. */
interface Reader {
  script: string
  at: number
  found: Started[]
  heredocs: { end: string; plain: boolean }[]
  /** First words of arrays, such as `store` of `store=(buildah --root …)`. */
  arrays: Map<string, Word>
}

const keywords = new Set('! { } if then elif else fi while until do done time'.split(' '))
const builtins = new Set(
  `. : [ [[ ]] alias bg break builtin cd command continue declare dirs echo eval exec exit export false fg getopts hash help history
  jobs kill let local mapfile popd printf pushd pwd read readarray readonly return set shift shopt source test times trap true type
  typeset ulimit umask unalias unset wait`.split(/\s+/),
)
/** Whose first argument that is no option and no setting is a program again. */
const startOthers = new Set(['command', 'env', 'exec', 'nice', 'nohup', 'sudo', 'timeout', 'xargs'])
/** Git runs what follows as a script. */
const scriptOption = /^--(commit|env|index|msg|parent|tag-name|tree)-filter$/

/** The programs that a shell script starts, as far as its text tells, without builtins and its own functions. */
export function programsIn(script: string): Started[] {
  const reader: Reader = { script, at: 0, found: [], heredocs: [], arrays: new Map() }
  readCommands(reader, '')
  const functions = functionsIn(script)
  return reader.found.filter(
    ({ program }) => program !== '' && !builtins.has(program) && !functions.includes(program),
  )
}

/** Names of the functions that a script makes, such as `b` of `b() { buildah "$@"; }`. */
export function functionsIn(script: string): string[] {
  return [...script.matchAll(/([\w-]+) ?\(\) ?[{(\n]/g)].flatMap(([, name]) => name ?? [])
}

/** Commands up to `end`, which is taken too. */
function readCommands(reader: Reader, end: string): void {
  const words: Word[] = []
  const finish = (): void => note(reader, words.splice(0))
  while (reader.at < reader.script.length) {
    const char = reader.script[reader.at] ?? ''
    if (char === end) {
      reader.at += 1
      break
    }
    if (char === '\n') {
      finish()
      reader.at += 1
      readHeredocs(reader)
    } else if (/[ \t\r]/.test(char)) reader.at += 1
    else if (char === '#') skipTo(reader, '\n')
    else if (reader.script.startsWith('((', reader.at)) skipPast(reader, '))')
    else if (/[;&|()]/.test(char) && !reader.script.startsWith('&>', reader.at)) {
      finish()
      // The branches of a `case` begin behind a pattern.
      reader.at += 1
      if (reader.script.startsWith(';;', reader.at - 1)) skipPattern(reader)
    } else if (isRedirection(reader)) readRedirection(reader)
    else readNext(reader, words)
  }
  finish()
}

function readNext(reader: Reader, words: Word[]): void {
  const word = readWord(reader)
  if (words.length === 0 && keywords.has(word.raw)) return
  if (words.length === 0 && word.raw === 'for') return skipFor(reader)
  if (words.length === 0 && word.raw === 'case') {
    readWord(reader)
    return skipPattern(reader)
  }
  // A list of patterns, not of commands.
  if (words.length === 0 && word.raw === '[[') return skipPast(reader, ']]')
  words.push(word)
  // A program may stand behind `name=(`.
  const array = /^(\w+)\+?=$/.exec(word.raw)?.[1]
  if (array !== undefined && reader.script[reader.at] === '(') readArray(reader, array)
}

function readArray(reader: Reader, name: string): void {
  reader.at += 1
  for (let first = true; reader.at < reader.script.length; first = false) {
    skipBlanks(reader, /\s/)
    if (reader.script[reader.at] === ')') break
    const word = readWord(reader)
    if (first) reader.arrays.set(name, word)
  }
  reader.at += 1
}

/** `for name in words` says no program before its `do`, but what its words compute may. */
function skipFor(reader: Reader): void {
  while (reader.at < reader.script.length && !/[;\n]/.test(reader.script[reader.at] ?? '')) {
    skipBlanks(reader, /[ \t]/)
    if (!/[;\n]/.test(reader.script[reader.at] ?? '')) readWord(reader)
  }
}

/** Behind `case word` and `;;`: up to the end of the next pattern, or to `esac`. */
function skipPattern(reader: Reader): void {
  const next = /^;?\s*(?:in\b)?\s*(?:esac\b|[^)]*\))/.exec(reader.script.slice(reader.at))
  reader.at += next?.[0].length ?? 0
}

function isRedirection({ script, at }: Reader): boolean {
  return /^(\d*[<>]|&>)/.test(script.slice(at, at + 4))
}

function readRedirection(reader: Reader): void {
  const sign =
    /^(?:\d*(?:<<<|<<-?|<>|[<>]&?\|?|>>)>?|&>>?)/.exec(reader.script.slice(reader.at, reader.at + 6))?.[0] ??
    ' '
  reader.at += sign.length
  if (reader.script[reader.at] === '(') {
    reader.at += 1
    return readCommands(reader, ')')
  }
  skipBlanks(reader, /[ \t]/)
  const word = readWord(reader)
  if (/^\d*<<-?$/.test(sign)) reader.heredocs.push({ end: word.text, plain: /['"\\]/.test(word.raw) })
}

/** What follows `<<EOF`: text in which only `$(…)` runs, or a script to be run later. */
function readHeredocs(reader: Reader): void {
  for (const { end, plain } of reader.heredocs.splice(0)) {
    const rest = reader.script.slice(reader.at)
    const length = new RegExp(`^\\t*${end}$`, 'm').exec(rest)?.index ?? rest.length
    const body = rest.slice(0, length)
    const line = lineAt(reader, reader.at)
    if (/^#!.*sh\b/.test(body)) addNested(reader, body, line)
    else if (!plain)
      for (const { 1: inner = '' } of body.matchAll(/\$\(([^()]*)\)/g)) addNested(reader, inner, line)
    reader.at += length
    skipTo(reader, '\n')
  }
}

/** Up to the next blank or operator, with quotes taken off. */
function readWord(reader: Reader): Word {
  const from = reader.at
  let text = ''
  while (reader.at < reader.script.length) {
    const char = reader.script[reader.at] ?? ''
    if (/[\s;&|()<>]/.test(char)) break
    if (char === "'") text += readPlain(reader)
    else if (char === '"') text += readQuoted(reader)
    else text += readPart(reader)
  }
  // Whatever cannot be a word is stepped over, so that reading goes on.
  if (reader.at === from) reader.at += 1
  return { text, raw: reader.script.slice(from, reader.at), line: lineAt(reader, from) }
}

function readPlain(reader: Reader): string {
  const from = reader.at + 1
  reader.at = from
  skipPast(reader, "'")
  return reader.script.slice(from, reader.at - 1)
}

function readQuoted(reader: Reader): string {
  let text = ''
  for (reader.at += 1; reader.at < reader.script.length && reader.script[reader.at] !== '"';)
    text += readPart(reader)
  reader.at += 1
  return text
}

/** One character, or one thing that is computed. */
function readPart(reader: Reader): string {
  const rest = reader.script.slice(reader.at)
  const char = rest[0] ?? ''
  if (char === '\\') {
    reader.at += 2
    return rest[1] === '\n' ? '' : (rest[1] ?? '')
  }
  if (rest.startsWith('$((')) skipPast(reader, '))')
  else if (rest.startsWith('$(')) {
    reader.at += 2
    readCommands(reader, ')')
  } else if (char === '`') {
    reader.at += 1
    readCommands(reader, '`')
  } else if (rest.startsWith('${')) readBraces(reader)
  else {
    const name = /^\$(\w+|[@*#?$!-])/.exec(rest)?.[0]
    reader.at += name?.length ?? 1
    return name === undefined ? char : unknown
  }
  return unknown
}

function readBraces(reader: Reader): void {
  reader.at += 2
  while (reader.at < reader.script.length && reader.script[reader.at] !== '}') readPart(reader)
  reader.at += 1
}

/** What a simple command starts. */
function note(reader: Reader, words: readonly Word[]): void {
  const rest = words.slice(words.findIndex(({ raw }) => !/^\w+(\[.*\])?\+?=/.test(raw)))
  const [first, ...others] = rest
  if (first === undefined || /^\w+\+?=/.test(first.raw)) return
  const array = /^"?\$\{(\w+)\[@\]\}"?$/.exec(first.raw)?.[1]
  const { text, line } = (array === undefined ? undefined : reader.arrays.get(array)) ?? first
  reader.found.push({ program: text, line })
  if (text === 'trap') addNested(reader, others[0]?.text ?? '', line)
  if (text === 'command' && others[0]?.text === '-v')
    reader.found.push({ program: others[1]?.text ?? '', line, asked: true })
  else if (startOthers.has(text)) noteOther(reader, others)
  for (const [index, word] of others.entries()) {
    const next = others[index + 1]
    if (next === undefined) break
    if (scriptOption.test(word.text) || (word.text === '-c' && /^(ba|da)?sh$/.test(text)))
      addNested(reader, next.text, next.line)
    if (text === 'find' && /^-exec(dir)?$/.test(word.text))
      reader.found.push({ program: next.text, line: next.line })
  }
}

function noteOther(reader: Reader, words: readonly Word[]): void {
  const index = words.findIndex(({ text }) => !/^(-|\w+=|\d+\w?$)/.test(text))
  if (index >= 0) note(reader, words.slice(index))
}

function addNested(reader: Reader, script: string, line: number): void {
  for (const one of programsIn(script)) reader.found.push({ ...one, line: line + one.line - 1 })
}

function lineAt({ script }: Reader, at: number): number {
  return script.slice(0, at).split('\n').length
}

function skipBlanks(reader: Reader, blank: RegExp): void {
  while (reader.at < reader.script.length && blank.test(reader.script[reader.at] ?? '')) reader.at += 1
}

function skipTo(reader: Reader, text: string): void {
  const at = reader.script.indexOf(text, reader.at)
  reader.at = at < 0 ? reader.script.length : at
}

function skipPast(reader: Reader, text: string): void {
  skipTo(reader, text)
  reader.at = Math.min(reader.at + text.length, reader.script.length)
}
