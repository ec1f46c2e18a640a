import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Registered } from '../../../src/game/people/register.ts'
import { makeOrganizerLink } from '../../../src/game/people/organizers.ts'
import { lacksBoard } from '../../helpers/board.ts'
import { startClusterGame, type ClusterGame } from '../../helpers/cluster.ts'
import { anonymousJar, openJar, textOf, type Jar, type Page } from '../../helpers/jar.ts'

const skip = lacksBoard()
/** Seconds. A busy machine takes its time to empty a namespace. */
const patience = 180
let game: ClusterGame
let desk: Jar

before(async () => {
  if (skip) return
  game = await startClusterGame()
  desk = anonymousJar(game.url)
  const path = `/organizer/${await makeOrganizerLink(game.game)}`
  await desk.send(await desk.get(path), path)
})
after(async () => {
  if (!skip) await game.close()
})

/** Leaves a workspace as a probe with a surprise does: an organizer has to look. */
async function surprise(player: Registered): Promise<void> {
  const { sql } = game.game
  const probes = [
    { id: 'list-nodes', expected: 'refused', ok: true, saw: 'forbidden' },
    { id: 'metadata-address', expected: 'refused', ok: false, saw: 'it <answered> 200' },
  ]
  await sql`
    update workspaces set state = 'failed', step = 'probing', next_at = null, reason = 'metadata-address should have been refused',
      probes = ${sql.json(probes)}, version = version + 1
    where player_id = ${player.playerId}`
}

/** The part of the page that is about one player. */
function rowOf(page: Page, { slug }: Registered): string {
  const row = page.html.split(`<tbody id="row-${slug}" data-slug="${slug}">`)[1]?.split('</tbody>')[0]
  assert.ok(row, `no row of ${slug}`)
  return textOf(row)
}

test('the desk leads to all workspaces, with how many there are in each state', { skip }, async () => {
  const player = await game.registerReady()
  assert.match((await desk.get('/desk')).html, /href="\/desk\/workspaces"/)
  const page = await desk.get('/desk/workspaces')
  assert.match(page.text, /main \d+ of 100 /)
  assert.match(rowOf(page, player), new RegExp(`hunt-${player.slug} ready .* main 0 minutes .* Reset`))
  const none = await desk.get(`/desk/workspaces?state=failed&find=${player.slug}`)
  assert.match(none.text, /No workspace matches\./)
})

test(
  'a surprise of the probe stands on the desk; its player reads calm words; a repair tries again',
  { skip },
  async () => {
    const player = await game.registerReady()
    await surprise(player)
    const map = await (await openJar(game.url, player.name)).get('/map')
    assert.match(map.text, /it is on our side\. It lies on the organizers’ desk/)
    assert.doesNotMatch(map.text, /metadata-address/)

    assert.match((await desk.get('/desk')).text, /Workspaces 1 failed/)
    const page = await desk.get('/desk/workspaces?state=failed')
    const row = rowOf(page, player)
    assert.match(row, /metadata-address should have been refused, but: it <answered> 200/)
    assert.doesNotMatch(row, /list-nodes/)
    assert.match(row, /It is not tried again by itself/)
    const repaired = await desk.send(page, `/desk/workspaces/${player.slug}/repair`)
    assert.match(repaired.text, new RegExp(`The workspace of ${player.name} is being tried again`))
    await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
    const told = (await desk.get('/desk')).text
    assert.match(told, new RegExp(`Organizer tried a namespace again for ${player.name}`))
  },
)

test('a deletion that failed goes on when it is repaired, and makes nothing anew', { skip }, async () => {
  const player = await game.registerReady()
  await game.game.sql`
    update workspaces set state = 'failed', step = 'deleting', next_at = now() + interval '1 hour', reason = 'stuck',
      version = version + 1
    where player_id = ${player.playerId}`
  const page = await desk.get(`/desk/workspaces?find=${player.slug}`)
  await desk.send(page, `/desk/workspaces/${player.slug}/repair`)
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'gone', patience)
})

test('an organizer resets a namespace after a question, and it is noted who did', { skip }, async () => {
  const player = await game.registerReady()
  const path = `/desk/workspaces/${player.slug}/reset`
  const question = await desk.get(path)
  assert.match(question.text, new RegExp(`deleted with all that is in them.* hunt-${player.slug} `))
  const begun = await desk.send(question, path)
  assert.match(begun.text, new RegExp(`The workspace of ${player.name} starts again`))
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'deleting')
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready', patience)
  assert.match(
    (await desk.get('/desk')).text,
    new RegExp(`Organizer started a namespace again for ${player.name}`),
  )
})

test('players see nothing of the organizers’ page and cannot use it', { skip }, async () => {
  const [player, other] = [await game.registerReady(), await game.registerReady()]
  const jar = await openJar(game.url, player.name)
  for (const path of ['/desk/workspaces', `/desk/workspaces/${other.slug}/reset`])
    assert.equal((await jar.get(path)).status, 403)
  const own = await jar.get('/workspace')
  const forged = {
    ...own,
    html: own.html.replaceAll('/workspace/renew', `/desk/workspaces/${other.slug}/reset`),
  }
  assert.equal((await jar.send(forged, `/desk/workspaces/${other.slug}/reset`)).status, 403)
  await game.untilWorkspace(other.playerId, ({ state }) => state === 'ready')
})
