import { createInterface } from 'node:readline/promises'
import { Fault } from '../../lib/errors.ts'

/** Whoever called the verb. */
export interface Terminal {
  say: (line: string) => void
  /** null where nobody can answer. Throws `Fault` when the answer is Ctrl-C or Ctrl-D. */
  ask: ((question: string) => Promise<string>) | null
}

export function openTerminal(): Terminal {
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    ask: process.stdin.isTTY ? ask : null,
  }
}

async function ask(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<never>((_, reject) => {
    asking.once('SIGINT', () => asking.close())
    asking.once('close', () => reject(new Fault('\nNothing was changed.')))
  })
  try {
    return (await Promise.race([asking.question(question), left])).trim()
  } finally {
    left.catch(() => undefined)
    asking.close()
  }
}
