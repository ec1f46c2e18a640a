import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { openShell, type Shell } from '../helpers/shell.ts'

describe('a right revert of the silent bell passes', () => {
  let hunt: TestGame
  let shell: Shell
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shambhala-bell-'))
    const shipped = join(packageRoot(), 'challenges')
    await cp(join(shipped, 'hunt.yaml'), join(folder, 'hunt.yaml'))
    await cp(join(shipped, '03-silent-bell'), join(folder, '03-silent-bell'), { recursive: true })
    const file = join(folder, '03-silent-bell', 'challenge.yaml')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^after: .*$/m, ''))
    hunt = await startGame({ challenges: folder })
    shell = openShell()
  })
  after(async () => {
    shell.remove()
    await hunt.close()
    await rm(folder, { recursive: true, force: true })
  })

  for (const [player, how, revert] of [
    ['Ama', 'as Git writes its message', 'git revert --no-edit'],
    ['Bel', 'with revert.reference', 'git -c revert.reference=true revert --no-edit'],
    [
      'Cha',
      'with revert.reference, its empty title left out',
      "GIT_EDITOR='sed -i /^#/d' git -c revert.reference=true revert",
    ],
  ] as const)
    it(how, async () => {
      const bell = hunt.cloneUrl(await hunt.register(player), 'silent-bell')
      const played = await shell.run(`set -e
        git clone -q ${bell} ${player} && cd ${player}
        git bisect start main rope-hung && git bisect run ./ring.sh
        culprit=$(git rev-parse refs/bisect/bad)
        git bisect reset
        ${revert} "$culprit"
        git push origin main
        git rev-parse HEAD`)
      assert.equal(played.code, 0, played.stderr)
      const pushed = played.stdout.trimEnd().split('\n').at(-1)?.slice(0, 7) ?? ''
      // The first check looks at the tag rope-hung, which nobody has pushed.
      assert.match(played.remote[0] ?? '', new RegExp(` ${pushed}$`), 'the head line names what was pushed')
      assert.ok(!played.remote.some((line) => line.startsWith('error:')), played.remote.join('\n'))
      assert.ok(
        played.remote.includes('success: the commit says what it takes back'),
        played.remote.join('\n'),
      )
    })
})
