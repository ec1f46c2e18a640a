import { visible } from '../../core/visible.ts'

const longestLine = 500
const longestLog = 2000
const logLines = 10

/** One line of what a player wrote, without control characters, cut. */
export function brief(text: string | undefined, most = longestLine): string {
  const line = visible((text ?? '').slice(0, 2 * most).trim())
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

/** The last lines of a log: 10 at most, 2 000 characters at most, nothing in them that moves a terminal's cursor. */
export function lastLines(log: string): string {
  const lines = log
    .slice(-8 * longestLog)
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll('\t', ' ')).trimEnd())
    .filter((line) => line !== '')
  return lines.slice(-logLines).join('\n').slice(-longestLog)
}

/** `Deployment/web` */
export function nameOf(object: { kind: string; metadata: { name: string } }): string {
  return `${object.kind}/${object.metadata.name}`
}
