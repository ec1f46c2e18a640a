import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { tell } from '../../src/db/events.ts'
import { leave } from '../../src/game/people/leave.ts'
import { makeOrganizerLink } from '../../src/game/people/organizers.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { repairWorkspace } from '../../src/game/workspaces/lifecycle.ts'
import { lacksBoard } from '../helpers/board.ts'
import { lacksBrowser, launch, visit, type Visit } from '../helpers/browser.ts'
import { startClusterGame, uniqueName, type ClusterGame } from '../helpers/cluster.ts'

describe('the organizers’ page of workspaces, left open', { skip: lacksBrowser || lacksBoard() }, () => {
  let game: ClusterGame
  let browser: Browser
  let desk: Visit

  before(async () => {
    game = await startClusterGame()
    browser = await launch()
    desk = await visit(browser)
    await desk.page.goto(`${game.url}/organizer/${await makeOrganizerLink(game.game)}`)
    await desk.page.click('main form button[type=submit]')
    await desk.page.waitForURL(/\/desk$/)
  })
  after(async () => {
    await browser.close()
    await game.close()
  })

  const rowOf = ({ slug }: Registered): Locator => desk.page.locator(`#workspaces tbody[data-slug="${slug}"]`)
  const readyRow = (player: Registered) => rowOf(player).locator('.tag-solved', { hasText: 'ready' })
  const focused = (page: Page) =>
    page.evaluate('document.activeElement.id || document.activeElement.getAttribute("href")')
  async function open(query = ''): Promise<void> {
    await desk.page.goto(`${game.url}/desk/workspaces${query}`)
    await desk.page.evaluate(() => ((globalThis as { kept?: boolean }).kept = true))
  }
  async function wasKept(): Promise<void> {
    const kept = await desk.page.evaluate(() => (globalThis as { kept?: boolean }).kept)
    assert.ok(kept, 'the page was loaded anew')
    assert.deepEqual(desk.faults, [])
  }
  async function joined(): Promise<Registered> {
    const player = await game.register(uniqueName())
    await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
    return player
  }
  /** As a step leaves it that did not work and that only an organizer can try again. */
  async function fail({ playerId }: Registered, reason: string): Promise<void> {
    await game.game.sql`
      update workspaces set state = 'failed', step = 'probing', next_at = null, reason = ${reason}, version = version + 1
      where player_id = ${playerId}`
    await tell(game.game.sql, 'workspace', playerId, 'cluster:failed')
  }

  test('the first player appears and turns ready, while a half-filled filter and the cursor in it stay', async () => {
    await open()
    await desk.page.locator('#workspaces .empty').waitFor()
    await desk.page.selectOption('#state', 'failed')
    await desk.page.fill('#find', 'half a na')
    const player = await game.register(uniqueName())
    await readyRow(player).waitFor()
    await desk.page.locator('#clusters a[href*="state=ready"]', { hasText: '1' }).waitFor()
    assert.equal(await focused(desk.page), 'find')
    await desk.page.keyboard.type('me')
    assert.equal(await desk.page.inputValue('#find'), 'half a name')
    assert.equal(await desk.page.inputValue('#state'), 'failed')
    await wasKept()
  })

  test('an error appears and goes, its row moves, and neither the focus nor the place on the page is lost', async () => {
    const [one, two] = [await joined(), await joined()]
    await desk.page.setViewportSize({ width: 390, height: 500 })
    await open()
    const reset = rowOf(two).locator('a.row-link')
    await reset.focus()
    await reset.scrollIntoViewIfNeeded()
    const href = await focused(desk.page)
    const sideways = () => desk.page.evaluate('document.querySelector("#workspaces .scroll").scrollLeft')
    const [top, left] = [await topOf(reset), await sideways()]
    assert.ok(Number(left) > 0, 'the table does not scroll on a phone: this test says nothing')

    await fail(one, 'the <first> error')
    await rowOf(one).locator('.trouble', { hasText: 'the <first> error' }).waitFor()
    await desk.page.locator('#clusters a[href*="state=failed"]', { hasText: '1' }).waitFor()
    assert.equal(await slugAt(0), one.slug)
    assert.equal(await focused(desk.page), href)
    assert.equal(await sideways(), left)
    assert.ok(Math.abs((await topOf(reset)) - top) < 2, 'the page has jumped')

    await fail(two, 'the second error')
    await rowOf(two).locator('.trouble').waitFor()
    assert.equal(await focused(desk.page), href)

    await repairWorkspace(game.game, { ...one, memberId: one.memberId })
    await readyRow(one).waitFor()
    assert.equal(await rowOf(one).locator('.trouble, form').count(), 0)
    assert.equal(await focused(desk.page), href)
    await desk.page.setViewportSize({ width: 1280, height: 900 })
    await wasKept()
  })

  test('a filter goes on to hold: what it does not name stays away, and what leaves it goes', async () => {
    const [one, two] = [await joined(), await joined()]
    await open(`?find=${one.slug}&state=ready`)
    await rowOf(one).waitFor()
    await fail(two, 'elsewhere')
    await desk.page.locator('#clusters a[href*="state=failed"]').waitFor()
    assert.equal(await rowOf(two).count(), 0)
    await fail(one, 'here')
    await rowOf(one).waitFor({ state: 'detached' })
    await desk.page.locator('#workspaces .empty').waitFor()
    await wasKept()
  })

  test('who leaves the hunt goes from the page', async () => {
    const player = await joined()
    await open(`?find=${player.slug}`)
    await rowOf(player).locator('a.row-link').focus()
    await leave(game.game, player)
    await rowOf(player).waitFor({ state: 'detached', timeout: 120_000 })
    assert.equal(await focused(desk.page), 'main')
    await wasKept()
  })

  test('two hundred changes ask for the page a few times, not two hundred', async () => {
    const player = await joined()
    await open()
    await readyRow(player).waitFor()
    let asked = 0
    desk.page.on('request', (request) => (asked += request.url().endsWith('/desk/workspaces') ? 1 : 0))
    for (let count = 0; count < 200; count += 1)
      await tell(game.game.sql, 'workspace', player.playerId, 'cluster:creating')
    await fail(player, 'the last of many')
    await rowOf(player).locator('.trouble', { hasText: 'the last of many' }).waitFor()
    assert.ok(asked > 0 && asked < 20, `asked ${asked} times`)
    await wasKept()
  })

  async function topOf(one: Locator): Promise<number> {
    return (await one.boundingBox())?.y ?? NaN
  }
  async function slugAt(index: number): Promise<string | null> {
    return await desk.page.locator('#workspaces tbody').nth(index).getAttribute('data-slug')
  }
})
