import { execFile } from 'node:child_process'
import type { SystemUser } from './user.ts'

/** A small fixed environment: PostgreSQL's messages stay in English, and nobody's `PG…` variables reach it. */
export const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** How a program is started as the database's user, from a folder that everybody can enter. */
export function startAs(user: SystemUser | undefined) {
  return { cwd: '/', env: environment, ...(user && { uid: user.uid, gid: user.gid }) }
}

/** Runs to the end; answers whether it succeeded, and what it said. */
export function runAs(
  user: SystemUser | undefined,
  file: string,
  args: readonly string[],
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, startAs(user), (error, stdout, stderr) => {
      resolve({ ok: !error, output: [stdout, stderr, error?.message ?? ''].join('\n') })
    })
  })
}
