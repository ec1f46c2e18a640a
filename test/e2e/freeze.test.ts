import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { setHidden, setWindow } from '../../src/game/upkeep/desk.ts'
import { challengeOf } from '../../src/game/game.ts'
import { makeOrganizerLink } from '../../src/game/people/organizers.ts'
import { parametersFor } from '../../src/game/parameters.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { readEvents, type EventReader } from '../helpers/events.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'

const hour = 3_600_000
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('the freeze of the leaderboard, in the browser', { skip: lacksBrowser }, () => {
  let folder: string
  let hunt: TestGame
  let browser: Browser
  let viewer: Page
  let players: { early: Registered; late: Registered; other: Registered }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freeze-'))
    await cp(join(packageRoot(), 'test', 'fixtures', 'hunt-small'), folder, { recursive: true })
    const times = `start: ${inMs(-hour)}\nfreeze: ${inMs(hour)}\nend: ${inMs(2 * hour)}\n`
    await writeFile(
      join(folder, 'hunt.yaml'),
      `name: { en: A small hunt }\nteaser: { en: Three steps. }\nlanguages: [en]\ntimezone: Europe/Paris\n${times}`,
    )
    hunt = await startGame({ challenges: folder })
    browser = await launch()
    players = {
      early: await hunt.register('Early Bird'),
      late: await hunt.register('Late Owl'),
      other: await hunt.register('Other Fish'),
    }
    viewer = (await visit(browser)).page
    await viewer.goto(`${hunt.url}/leaderboard`)
  })
  after(async () => {
    await browser.close()
    await hunt.close()
    await rm(folder, { recursive: true, force: true })
  })

  const row = (page: Page, { slug }: Registered, score: number) =>
    page.locator(`[data-board] tr[data-slug="${slug}"][data-score="${score}"]`)
  const clock = (page: Page, hasText: RegExp) => page.locator('.clock', { hasText })
  const leaderboard = async () =>
    (await (await fetch(`${hunt.url}/api/v1/leaderboard`)).json()) as {
      frozen: boolean
      rows: { slug: string; score: number }[]
      first: Record<string, string>
    }
  /** Gives the right answer on the stage's page, and leaves the page open. */
  async function solve(player: Registered): Promise<Page> {
    const { page } = await visit(browser)
    await page.goto(`${hunt.url}/login`)
    await page.fill('input[name=name]', player.name)
    await page.fill('input[name=password]', password)
    await page.click('main form[action="/login"] button[type=submit]')
    await page.waitForURL(/\/map$/)
    const values = await parametersFor(hunt.game, player.playerId, challengeOf(hunt.game, 'word'))
    await page.goto(`${hunt.url}/hunt/word`)
    await page.fill('input[name=answer]', String(values['word']))
    await page.click('form[action="/hunt/word/check"] button')
    await page.locator('#verdict .verdict-passed').waitFor()
    return page
  }
  /** Everything that a reader was told of the standings of one player. */
  const toldOf = ({ events }: EventReader, { slug }: Registered) =>
    events.flatMap(({ event, data }) =>
      event === 'standings' && JSON.stringify(data).includes(`"${slug}"`) ? [data] : [],
    )

  test('before the freeze the open board moves when somebody solves, and says when it will stand still', async () => {
    await clock(viewer, /will stand still from/).waitFor()
    await row(viewer, players.early, 0).waitFor()
    const page = await solve(players.early)
    await row(viewer, players.early, 50).waitFor()
    await page.context().close()
  })

  test('when the moment has come, the open board says so by itself, and until when it does', async () => {
    await setWindow(hunt.game, players.early.memberId, { freeze: inMs(4000) })
    await clock(
      viewer,
      /has stood still since .* It shows everything again when the organizers decide so/,
    ).waitFor()
    assert.equal((await leaderboard()).frozen, true)
    await viewer.locator('.countdown:visible').waitFor()
  })

  test('a solver sees their own points; nobody else does, on no page, after no reload, and over no stream', async () => {
    const { late, other, early } = players
    const before = await leaderboard()
    const readers = [await readEvents(hunt.url), await readEvents(hunt.url, { token: other.token })]
    for (const reader of readers) await reader.next('standings')
    const page = await solve(late)
    assert.match((await page.locator('#verdict').textContent()) ?? '', /\+50/)
    await page.goto(`${hunt.url}/map`)
    assert.match((await page.locator('.own').textContent()) ?? '', /50/)

    // Whatever was told before it has come when this has: a name that goes and comes moves the board, also a frozen one.
    for (const hidden of [true, false]) await setHidden(hunt.game, early.memberId, other.slug, hidden)
    const returned = (data: Record<string, unknown>) =>
      (data['rows'] as { slug: string }[]).some(({ slug }) => slug === other.slug)
    for (const reader of readers) {
      assert.equal((await reader.next('standings', returned)).data['frozen'], true)
      assert.deepEqual(toldOf(reader, late), [])
      assert.ok(!reader.events.some(({ event }) => event === 'submission'))
    }
    const look = async () => {
      await row(viewer, late, 0).waitFor()
      await clock(viewer, /has stood still since/).waitFor()
      const now = await leaderboard()
      assert.deepEqual([now.rows, now.first], [before.rows, before.first])
    }
    await look()
    await viewer.reload()
    await look()
    // What a server does that starts while the board is frozen.
    await hunt.game.leaderboard.rebuild()
    await viewer.reload()
    await look()
    const own = await visit(browser)
    await own.page.goto(`${hunt.url}/`)
    await row(own.page, late, 0).waitFor()
    for (const context of [own.context, page.context()]) await context.close()

    // A late change to the same player brings out their place, and still not their points.
    for (const hidden of [true, false]) await setHidden(hunt.game, early.memberId, late.slug, hidden)
    for (const reader of readers) {
      const { data } = await reader.next(
        'standings',
        (one) =>
          JSON.stringify(one).includes('"rank"') &&
          toldOf(reader, late).includes(one) &&
          (one['rows'] as object[]).length > 0,
      )
      const [told] = (data['rows'] as { slug: string; score: number }[]).filter(
        ({ slug }) => slug === late.slug,
      )
      assert.equal(told?.score, 0)
      reader.close()
    }
  })

  test('after the event the board stands still until the organizer lifts the freeze, on the desk', async () => {
    const reader = await readEvents(hunt.url)
    const freeze = hunt.game.settings.window.freeze?.toISOString() ?? null
    await setWindow(hunt.game, players.early.memberId, { freeze, end: inMs(3000) })
    await clock(viewer, /The hunt ended on[^]*has stood still since/).waitFor()
    await row(viewer, players.late, 0).waitFor()
    assert.equal((await leaderboard()).frozen, true)

    const desk = (await visit(browser)).page
    await desk.goto(`${hunt.url}/organizer/${await makeOrganizerLink(hunt.game)}`)
    await desk.click('main form button[type=submit]')
    await desk.getByText('Show the true leaderboard').click()
    await desk.getByRole('button', { name: 'Show it to everybody' }).click()
    await desk.getByText('The leaderboard shows everything again.').waitFor()
    assert.equal(await desk.getByText('Show the true leaderboard').count(), 0)
    await row(viewer, players.late, 50).waitFor()
    await clock(viewer, /The hunt ended on/).waitFor()
    await clock(viewer, /still/).waitFor({ state: 'detached' })
    await reader.next('standings', ({ frozen }) => frozen === false)
    const { frozen, rows } = await leaderboard()
    assert.equal(frozen, false)
    assert.equal(rows.find(({ slug }) => slug === players.late.slug)?.score, 50)
    reader.close()
  })
})
