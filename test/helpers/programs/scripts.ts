import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { programsIn, unknown } from './shell-lines.ts'
import { filesBelow } from './sources.ts'
import { programOf, type Finder, type Start } from './starts.ts'

const folders = ['.ci', 'bin', 'challenges', 'src', 'test', 'tools']

/** Every program that the shell scripts of this folder and its Makefile start. */
export function startsInScripts(root: string): Start[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const scripts = filesBelow(root, folders).flatMap((file) => {
    const script = read(file)
    return file.endsWith('.sh') || /^#!.*\b(ba|da)?sh\b/.test(script) ? startsOf(file, script) : []
  })
  return [...scripts, ...startsOf('Makefile', recipes(read('Makefile')))]
}

function startsOf(file: string, script: string): Start[] {
  // Solutions are run with the tools of the board on PATH.
  const finder: Finder = file.startsWith('challenges/') ? 'shell' : 'path'
  return programsIn(script).flatMap(({ program: text, line, asked }) => {
    const program = programOf(text)
    return program === undefined
      ? []
      : [{ program, place: `${file}:${line}`, finder, ...(asked && { asked }) }]
  })
}

/** The lines that make hands to a shell, each where it stands. */
function recipes(makefile: string): string {
  return makefile
    .split('\n')
    .map((line) =>
      line.startsWith('\t')
        ? line
            .trim()
            .replace(/^[@-]+/, '')
            .replaceAll(/\$\(\w+\)/g, unknown)
            .replaceAll('$$', '$')
        : (/\$\(shell (.*)\)/.exec(line)?.[1] ?? ''),
    )
    .join('\n')
}
