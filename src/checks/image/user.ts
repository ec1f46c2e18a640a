import { PlayerFault } from '../../lib/errors.ts'
import { readFiles, type Reading } from './files.ts'

const passwd = 'etc/passwd'

/**
 * The number that a container’s USER stands for, its group left aside: 0 is root, as is no USER at all. A name is looked up in the
 * image’s own /etc/passwd, as container runtimes do; -1 where it says no number for it.
 */
export async function userIdOf(user: string, reading: Reading): Promise<number> {
  const [name = ''] = user.split(':')
  if (name === '') return 0
  if (/^[+-]?\d{1,15}$/.test(name)) return Number(name) + 0
  const known = await readPasswd(reading)
  const id = known
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name)?.[2]
  if (id !== undefined && /^\d{1,15}$/.test(id)) return Number(id)
  return name === 'root' ? 0 : -1
}

async function readPasswd(reading: Reading): Promise<string> {
  try {
    const { files } = await readFiles(reading, [passwd], false)
    return files[passwd]?.text ?? ''
  } catch (error) {
    // Whoever asks for files of these layers is told what ails them.
    if (error instanceof PlayerFault) return ''
    throw error
  }
}
