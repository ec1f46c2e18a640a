import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { memberById, membersOf } from '../../../src/db/members.ts'
import { playerById } from '../../../src/db/players.ts'
import { createMember } from '../../../src/game/people/create.ts'
import { leave } from '../../../src/game/people/leave.ts'
import { memberForLink } from '../../../src/game/people/members.ts'
import { rename } from '../../../src/game/people/rename.ts'
import type { Registered } from '../../../src/game/people/register.ts'
import { addToken } from '../../../src/game/people/tokens.ts'
import type { Refusal } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

/** Somebody more who plays as this player. */
async function joinAs(player: Registered, name: string): Promise<{ id: string; token: string }> {
  const { sql } = hunt.game
  const id = await createMember(sql, player.playerId, {
    name,
    email: null,
    passwordHash: null,
    language: 'fr',
  })
  return { id, token: (await addToken(sql, id, 'first token')).token }
}

const api = (path: string, token: string) =>
  fetch(`${hunt.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } })

test('of two who play together one leaves: the other plays on; with the last one the player goes', async () => {
  const team = await hunt.register('Two Yaks')
  const second = await joinAs(team, 'Pema')
  await leave(hunt.game, team)
  assert.equal((await api('/me', team.token)).status, 401)
  assert.equal((await api('/me', second.token)).status, 200)
  assert.equal((await playerById(hunt.game.sql, team.playerId))?.name, 'Two Yaks')
  assert.equal(await hunt.game.board.forge?.has({ slug: team.slug, name: 'first' }), true)

  await leave(hunt.game, { ...team, memberId: second.id })
  assert.equal((await api('/me', second.token)).status, 401)
  assert.equal((await playerById(hunt.game.sql, team.playerId))?.state, 'left')
  assert.equal(await hunt.game.board.forge?.has({ slug: team.slug, name: 'first' }), false)
})

test('who plays alone renames the player too; of several, each their own name', async () => {
  const team = await hunt.register('Solo')
  const first = async () => {
    const member = await memberById(hunt.game.sql, team.memberId)
    assert.ok(member)
    return member
  }
  await rename(hunt.game, await first(), 'Alone')
  assert.equal((await playerById(hunt.game.sql, team.playerId))?.name, 'Alone')
  await joinAs(team, 'Nima')
  await rename(hunt.game, await first(), 'Dorje')
  assert.equal((await playerById(hunt.game.sql, team.playerId))?.name, 'Alone')
  assert.deepEqual(
    (await membersOf(hunt.game.sql, team.playerId)).map(({ name, playerName }) => [name, playerName]),
    [
      ['Dorje', 'Alone'],
      ['Nima', 'Alone'],
    ],
  )
})

test('who leaves in the instant of a new name leaves without one', async () => {
  const { sql } = hunt.game
  for (let round = 0; round < 20; round += 1) {
    const player = await hunt.register(`Brief ${round}`)
    const member = await memberById(sql, player.memberId)
    assert.ok(member)
    await Promise.all([rename(hunt.game, member, `Shorter ${round}`), leave(hunt.game, player)])
    const left = await playerById(sql, player.playerId)
    assert.deepEqual([left?.state, left?.name], ['left', null])
  }
})

test('stories greet the player as checks know them, whoever of them reads', async () => {
  const team = await hunt.register('The Lamps')
  const second = await joinAs(team, 'Tashi')
  const read = async (token: string) => {
    const { story } = (await (await api('/challenges/first?lang=en', token)).json()) as { story: string }
    return story
  }
  assert.match(await read(team.token), /The Lamps/)
  assert.equal(await read(second.token), await read(team.token))
})

test('a password link is for a person: of several, the one who was named', async () => {
  const team = await hunt.register('Linked')
  assert.equal((await memberForLink(hunt.game, team.slug)).id, team.memberId)
  const second = await joinAs(team, 'Lhamo')
  await assert.rejects(memberForLink(hunt.game, team.slug), (error: Refusal) => {
    assert.equal(error.code, 'which-member')
    assert.match(error.message, /Linked .*Lhamo/)
    return true
  })
  assert.equal((await memberForLink(hunt.game, team.slug, second.id)).id, second.id)
})
