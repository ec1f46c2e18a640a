import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, utimesSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { resetChallenge } from '../../../src/game/handing-out/provision.ts'
import { makeRoom } from '../../../src/game/upkeep/make-room.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { logIn } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

let hunt: TestGame
let shell: Shell
before(async () => {
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { REPOSITORY_QUOTA_MB: '10' },
  })
  shell = openShell()
})
after(async () => {
  shell.remove()
  await hunt.close()
})

async function player(name: string) {
  const made = await hunt.register(name)
  await shell.run(`git clone -q ${hunt.cloneUrl(made, 'first')} ${made.slug}`)
  const gitDir = join(hunt.dataDir, 'repositories', made.slug, 'first.git')
  const push = async (mebibytes: number, git: string) => {
    await writeFile(join(shell.folder, made.slug, 'large'), randomBytes(mebibytes * 2 ** 20))
    const pushed = await shell.run(`cd ${made.slug} && git add -A && ${git} && git rev-parse HEAD`)
    return { ...pushed, sha: pushed.stdout.trim() }
  }
  const judged = async (count: number) => {
    const { sql } = hunt.game
    await until('the verdicts', 30, async () => {
      const [row] = await sql<[{ done: number }]>`
        select count(*)::int as done from submissions where player_id = ${made.playerId} and status = 'done'`
      return row.done >= count
    })
  }
  return { ...made, gitDir, push, judged }
}

type Player = Awaited<ReturnType<typeof player>>

/** As if so many minutes had passed: for the database, and for what lies on the disk. */
async function later({ playerId, gitDir }: Player, minutes: number): Promise<void> {
  const { sql } = hunt.game
  const shift = `${minutes} minutes`
  await sql`update submissions set finished_at = finished_at - ${shift}::interval where player_id = ${playerId}`
  await sql`update pushes set received_at = received_at - ${shift}::interval where player_id = ${playerId}`
  await sql`
    update repositories set tidy_at = tidy_at - ${shift}::interval, reset_at = reset_at - ${shift}::interval
    where player_id = ${playerId}`
  const then = Date.now() / 1000 - minutes * 60
  for (const entry of readdirSync(join(gitDir, 'objects'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), then, then)
}

async function makeAllRoom(): Promise<void> {
  while (await makeRoom(hunt.game)) continue
}

const holds = (gitDir: string, sha: string) => {
  try {
    execFileSync('git', ['-C', gitDir, 'cat-file', '-e', sha], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The sweep may have begun with it first. */
const gone = ({ gitDir }: Player, sha: string) => until('the commit to go', 30, () => !holds(gitDir, sha))

test('room comes back two hours after history was rewritten, and the old verdict still shows its commit', async () => {
  const ada = await player('Ada')
  const first = await ada.push(6, 'git commit -qm "A large step" && git push -q')
  assert.equal(first.code, 0, first.stderr)
  const again = 'git commit -q --amend -m "Smaller" && git push -qf'
  assert.match(
    (await ada.push(5, again)).stderr,
    /error: this repository would take 11 MiB; it may take 10 MiB/,
  )
  await ada.judged(1)
  assert.equal((await ada.push(1, again)).code, 0)
  await ada.judged(2)

  await later(ada, 60)
  await makeAllRoom()
  assert.equal(holds(ada.gitDir, first.sha), true, 'its verdict is not old')
  await later(ada, 70)
  await makeAllRoom()
  await gone(ada, first.sha)
  const pushed = await ada.push(5, again)
  assert.equal(pushed.code, 0, pushed.stderr)

  const headers = { Cookie: await logIn(hunt.url, 'Ada') }
  const page = await fetch(`${hunt.url}/evidence/first/${first.sha}`, { headers })
  assert.equal(page.status, 200)
  const text = await page.text()
  for (const one of ['A large step', 'player@example.org', '<code>large</code>', 'were let go'])
    assert.ok(text.includes(one), one)
  assert.doesNotMatch(text, /file\?path/)
  const file = await fetch(`${hunt.url}/evidence/first/${first.sha}/file?path=large`, { headers })
  assert.equal(file.status, 410)
})

test('starting again makes room a quarter of an hour later', async () => {
  const ben = await player('Ben')
  const first = await ben.push(6, 'git commit -qm "Large" && git push -q')
  await ben.judged(1)
  await resetChallenge(hunt.game, ben, 'first')
  await later(ben, 15)
  await makeAllRoom()
  await gone(ben, first.sha)
  const anew = await ben.push(
    6,
    'git fetch -q && git reset -q --soft origin/main && git commit -qm "Anew" && git push -q',
  )
  assert.equal(anew.code, 0, anew.stderr)
})

test('what is still to be judged is kept, however old it is', async () => {
  const cid = await player('Cid')
  const first = await cid.push(6, 'git commit -qm "Large" && git push -q')
  await cid.judged(1)
  assert.equal((await cid.push(1, 'git commit -q --amend -m "Smaller" && git push -qf')).code, 0)
  await cid.judged(2)
  const { sql } = hunt.game
  await sql`
    update submissions set status = 'waiting', retry_at = now() + interval '1 day', verdict = null, finished_at = null
    where player_id = ${cid.playerId} and snapshots::text like ${`%${first.sha}%`}`
  await later(cid, 300)
  await makeAllRoom()
  assert.equal(holds(cid.gitDir, first.sha), true)
  await sql`
    update submissions set status = 'done', verdict = 'failed', finished_at = now() - interval '3 hours'
    where player_id = ${cid.playerId} and status = 'waiting'`
  await later(cid, 300)
  await makeAllRoom()
  await gone(cid, first.sha)
})

test('a small repository keeps all of its evidence', async () => {
  const dot = await player('Dot')
  const first = await dot.push(0, 'git commit -qm "Small" --allow-empty && git push -q')
  await dot.judged(1)
  await dot.push(0, 'git commit -q --amend -m "Smaller" && git push -qf')
  await dot.judged(2)
  await later(dot, 300)
  await makeAllRoom()
  assert.equal(holds(dot.gitDir, first.sha), true)
})
