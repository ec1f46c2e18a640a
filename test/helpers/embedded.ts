import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { connect } from '../../src/db/client.ts'
import { startEmbedded, type Embedded } from '../../src/db/embedded.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { endChild } from '../../src/lib/process.ts'
import { packageRoot } from '../../src/lib/root.ts'

/** A data folder that is gone, with the servers in it, when the test ends. */
export async function scene(context: TestContext) {
  const top = await mkdtemp(join(tmpdir(), 'embedded-'))
  await chmod(top, 0o755)
  const dataDir = join(top, 'data')
  const fallback = join(top, 'fallback')
  const running: Embedded[] = []
  context.after(async () => {
    for (const server of running) await server.stop()
    await rm(top, { recursive: true, force: true })
  })
  const start = async (options: { dataDir?: string; share?: boolean } = {}) => {
    const server = await startEmbedded({ dataDir, fallback, log, fast: true, ...options })
    running.push(server)
    return server
  }
  return { top, dataDir, fallback, start }
}

export async function ask(url: string, statement: string): Promise<unknown> {
  const sql = connect(url, { max: 1, log })
  try {
    const [row] = await sql.unsafe(statement)
    return Object.values(row ?? {})[0]
  } finally {
    await sql.end()
  }
}

export async function pidIn(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

/** A server in a process of its own; answers with the process and the address of its database. */
export async function startApart(dataDir: string, clone = packageRoot()) {
  const script = join(clone, 'test', 'db', 'embedded-process.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, url }
}

export async function endNow(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  if (endChild(child)) await gone
}
