import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { announce, setPause } from '../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { until } from '../helpers/until.ts'

describe('an open page', { skip: lacksBrowser }, () => {
  let hunt: TestGame
  let browser: Browser
  let by: string

  before(async () => {
    hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
    by = (await hunt.register('Tashi')).memberId
    browser = await launch()
  })
  after(async () => {
    await browser.close()
    await hunt.close()
  })

  /** Opens a page whose scripts come only after that work is done. */
  async function openLate(context: BrowserContext, path: string, work: () => Promise<void>): Promise<Page> {
    const page = await context.newPage()
    let letGo: () => void = () => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    await page.route('**/assets/js/main.js', async (route) => {
      await held
      await route.continue()
    })
    await page.goto(hunt.url + path, { waitUntil: 'commit' })
    await page.locator('#announcement').waitFor({ state: 'attached' })
    await work()
    letGo()
    return page
  }
  const say = (text: string | null) => async () => {
    await announce(hunt.game, by, text === null ? null : { en: text })
    await until('the announcement', 20, () => (hunt.game.settings.announcement?.text.en ?? null) === text)
  }

  for (const path of ['/leaderboard', '/leaderboard?screen', '/'])
    test(`shows what was announced while ${path} was loading, and its withdrawal`, async () => {
      const { context } = await visit(browser)
      const page = await openLate(context, path, say('Tea at four.'))
      await page.locator('#announcement', { hasText: 'Tea at four.' }).waitFor()
      // A second tab may share the ear of the first.
      const second = await openLate(context, path, say('Tea at five.'))
      await second.locator('#announcement', { hasText: 'Tea at five.' }).waitFor()
      const third = await openLate(context, path, say(null))
      for (const tab of [page, second, third])
        await tab.locator('#announcement .announcement').waitFor({ state: 'detached' })
      await context.close()
    })

  test('shows a pause and who joined while it was loading', async () => {
    const { context } = await visit(browser)
    const page = await openLate(context, '/leaderboard', async () => {
      await setPause(hunt.game, by, true)
      await hunt.register('Came Meanwhile')
    })
    await page.locator('.clock', { hasText: 'The hunt is paused.' }).waitFor()
    await page.locator('tr[data-slug=camemeanwhile]').waitFor()
    const second = await openLate(context, '/leaderboard', () => setPause(hunt.game, by, false))
    await second.locator('.clock', { hasText: 'The hunt is paused.' }).waitFor({ state: 'detached' })
    assert.equal(await second.locator('.clock').count(), 1)
    await context.close()
  })
})
