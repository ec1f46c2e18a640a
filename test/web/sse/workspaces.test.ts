import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tell } from '../../../src/db/events.ts'
import { setPause } from '../../../src/game/upkeep/desk.ts'
import { promote } from '../../../src/game/people/organizers.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { movesWorkspaces } from '../../../src/web/sse/frames.ts'
import { logIn } from '../../helpers/api.ts'
import { readEvents, type EventReader } from '../../helpers/events.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let organizer: Registered
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  organizer = await hunt.register('Olga Organizer')
  await promote(hunt.game, organizer.memberId)
})
after(() => hunt.close())

const told = ({ events }: EventReader) => events.filter(({ event }) => event === 'workspaces')
const toldTimes = (reader: EventReader, times: number) =>
  reader.next('workspaces', () => told(reader).length >= times)

/** Resolves once everything that was told before has come. */
async function everythingCame(readers: EventReader[]): Promise<void> {
  await setPause(hunt.game, organizer.memberId, true)
  await Promise.all(readers.map((reader) => reader.next('hunt', ({ paused }) => paused === true)))
  await setPause(hunt.game, organizer.memberId, false)
}

test('that somebody’s workspace moved is told to organizers alone, and names nobody', async () => {
  const player = await hunt.register('Curious Player')
  const byToken = await readEvents(hunt.url, { token: organizer.token })
  const byCookie = await readEvents(hunt.url, {
    headers: { Cookie: await logIn(hunt.url, 'Olga Organizer') },
  })
  const others = [
    await readEvents(hunt.url, { token: player.token }),
    await readEvents(hunt.url, { headers: { Cookie: await logIn(hunt.url, 'Curious Player') } }),
    await readEvents(hunt.url),
    await readEvents(hunt.url, { query: '?lastEventId=1' }),
  ]
  for (const reader of [byToken, byCookie]) await toldTimes(reader, 1)
  const other = await hunt.register('Watched Player')
  await tell(hunt.game.sql, 'workspace', other.playerId, 'cluster:creating')
  for (const reader of [byToken, byCookie]) {
    await toldTimes(reader, 2)
    for (const { data } of told(reader)) assert.deepEqual(data, {})
  }
  await everythingCame(others)
  for (const reader of others) {
    assert.deepEqual(told(reader), [])
    assert.ok(!reader.events.some(({ event }) => event === 'workspace'))
    reader.close()
  }
  for (const reader of [byToken, byCookie]) {
    assert.ok(!reader.events.some(({ event }) => event === 'workspace'), 'details are their player’s alone')
    reader.close()
  }
})

test('two hundred changes at once are told of a few times', async () => {
  const player = await hunt.register('Many Changes')
  const reader = await readEvents(hunt.url, { token: organizer.token })
  await toldTimes(reader, 1)
  await everythingCame([reader])
  const before = told(reader).length
  await hunt.game.sql.begin(async (sql) => {
    for (let count = 0; count < 200; count += 1)
      await tell(sql, 'workspace', player.playerId, 'cluster:creating')
  })
  await toldTimes(reader, before + 1)
  assert.ok(told(reader).length - before < 20, `${told(reader).length - before} events`)
  reader.close()
})

test('the page of workspaces is not asked again for what it does not show', () => {
  const note = { id: '1', playerId: '1' }
  assert.equal(movesWorkspaces({ ...note, kind: 'workspace', subject: 'cluster:ready' }), true)
  assert.equal(movesWorkspaces({ ...note, kind: 'player', subject: 'dolma' }), true)
  for (const subject of ['first', 'registry:moved'])
    assert.equal(movesWorkspaces({ ...note, kind: 'workspace', subject }), false)
  assert.equal(movesWorkspaces({ ...note, kind: 'submission', subject: '7' }), false)
})

test('an organizer who comes again looks again, whatever was missed', async () => {
  const reader = await readEvents(hunt.url, { token: organizer.token })
  await toldTimes(reader, 1)
  const seen = reader.lastId() ?? ''
  reader.close()
  const again = await readEvents(hunt.url, {
    token: organizer.token,
    headers: { 'Last-Event-ID': seen },
  })
  await toldTimes(again, 1)
  again.close()
})
