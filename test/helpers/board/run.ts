import { spawn } from 'node:child_process'

/** Runs a program to its end and gives its standard output; throws with what it said when it fails. */
export async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
    child.on('error', reject)
    // A program that ends before it has read all says why on stderr; the broken pipe adds nothing.
    child.stdin.on('error', () => undefined)
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${program} ${args.join(' ')}: exit ${code}\n${(stderr || stdout).slice(-2000)}`))
    })
    child.stdin.end(input)
  })
}
