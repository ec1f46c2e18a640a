import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setWindow } from '../../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

let hunt: TestGame
let shell: Shell
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  shell = openShell()
})
after(async () => {
  shell.remove()
  await hunt.close()
})

const board = async () =>
  (await (await fetch(`${hunt.url}/api/v1/leaderboard`)).json()) as {
    frozen: boolean
    rows: { slug: string; score: number }[]
    first: Record<string, string>
  }
const scoreOf = async (slug: string) => (await board()).rows.find((row) => row.slug === slug)?.score

test('a database that is away at the freeze holds the leaderboard up, and nothing breaks', async () => {
  const { sql, leaderboard } = hunt.game
  const organizer = await hunt.register('Organizer')
  const freeze = new Date(Date.now() + 1500)
  const before = leaderboard.version
  await setWindow(hunt.game, organizer.memberId, { freeze: freeze.toISOString() })
  await until('the new window', 10, () => hunt.game.settings.window.freeze?.getTime() === freeze.getTime())
  await until('its standings', 10, () => leaderboard.version > before)
  await sql`alter table solves rename to solves_away`
  await sleep(freeze.getTime() - Date.now() + 500)
  const during = leaderboard.version
  await sql`alter table solves_away rename to solves`
  await until('the standings of the freeze', 10, () => leaderboard.version > during)
  await setWindow(hunt.game, organizer.memberId, { freeze: null })
  await until('the freeze to end', 10, () => !leaderboard.frozen())
})

test('a freeze that is set while the database is away holds as soon as it is back', async () => {
  const { sql, leaderboard } = hunt.game
  const organizer = await hunt.register('Organizer of the evening')
  const freeze = new Date(Date.now() - 1000)
  await sql`alter table solves rename to solves_away`
  await setWindow(hunt.game, organizer.memberId, { freeze: freeze.toISOString() })
  await until('the new window', 10, () => hunt.game.settings.window.freeze?.getTime() === freeze.getTime())
  await sleep(500)
  const during = leaderboard.version
  await sql`alter table solves_away rename to solves`
  await until('its standings', 10, () => leaderboard.version > during)
  await setWindow(hunt.game, organizer.memberId, { freeze: null })
  await until('the freeze to end', 10, () => !leaderboard.frozen())
})

test('from the freeze on the leaderboard stands still, one’s own score goes on, and lifting it shows all', async () => {
  const early = await hunt.register('Early')
  const late = await hunt.register('Late')
  const push = (player: typeof early) =>
    shell.run(
      `git clone -q ${hunt.cloneUrl(player, 'first')} ${player.slug} && cd ${player.slug} && echo right > word.txt && git add -A && git commit -qm w && git push`,
    )
  assert.match((await push(early)).remote.at(-1) ?? '', /^\+100, you are 1st/)

  await setWindow(hunt.game, early.memberId, { freeze: new Date().toISOString() })
  const frozen = await push(late)
  assert.match(frozen.remote.at(-1) ?? '', /^\+100; opened/, 'no rank is told')
  await sleep(600)
  assert.equal((await board()).frozen, true)
  assert.equal(await scoreOf(late.slug), 0)
  assert.equal(await scoreOf(early.slug), 100)
  assert.deepEqual((await board()).first, { first: early.slug })
  const me = (await (
    await fetch(`${hunt.url}/api/v1/me`, { headers: { Authorization: `Bearer ${late.token}` } })
  ).json()) as { score: number }
  assert.equal(me.score, 100)

  await setWindow(hunt.game, early.memberId, { freeze: null })
  await until(
    'the score',
    10,
    () => scoreOf(late.slug),
    (score) => score === 100,
  )
})
