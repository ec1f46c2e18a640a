import { Fault } from '../../lib/errors.ts'

/** One line that says what to do, from what PostgreSQL or the system said while working on `folder`. */
export function databaseFault(said: string, folder: string): Fault {
  return new Fault(advice(said, folder))
}

function advice(said: string, folder: string): string {
  if (/No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/.test(said))
    return `The disk with ${folder} is full: make room there, or set DATA_DIR to a folder elsewhere.`
  if (/Read-only file system|EROFS/.test(said))
    return `${folder} is on a read-only disk: set DATA_DIR to a folder that can be written.`
  if (/Permission denied|EACCES|EPERM|Operation not permitted/.test(said))
    return `The database cannot use ${folder}: give that folder to the user who starts the server, or set DATA_DIR.`
  if (/ENOTDIR|ENOENT|EEXIST/.test(said))
    return `${folder} cannot be made: set DATA_DIR to a folder that can.`
  if (/could not create shared memory segment|could not resize shared memory/.test(said))
    return 'PostgreSQL gets too little shared memory here: raise it (in a container --shm-size=128m), or set DATABASE_URL.'
  return `PostgreSQL did not start (${lastLine(said)}): see the folder ${folder}, or set DATABASE_URL.`
}

function lastLine(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const line = lines.findLast((one) => /FATAL|PANIC|error/i.test(one)) ?? lines.at(-1) ?? 'it said nothing'
  return line.replace(/^.*?(FATAL|PANIC):\s*/, '').slice(0, 300)
}
