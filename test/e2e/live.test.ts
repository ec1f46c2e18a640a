import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { announce, setPause, setRegistration, setWindow } from '../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
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

  /** The page was never loaded anew. */
  const mark = (page: Page) => page.evaluate(() => void ((globalThis as { kept?: boolean }).kept = true))
  const isKept = (page: Page) => page.evaluate(() => (globalThis as { kept?: boolean }).kept === true)

  test('shows the first token through a pause, a new registration mode, a reload, a language and a tab closed and opened again', async () => {
    const { page, context, faults } = await visit(browser)
    await page.goto(`${hunt.url}/join`)
    await page.fill('input[name=name]', 'Token Keeper')
    await page.fill('input[name=password]', password)
    await page.click('main form[action="/join"] button[type=submit]')
    const shown = (one: Page) => one.locator('.token-card code').textContent()
    const token = await shown(page)
    assert.match(token ?? '', /^shb_/)
    await mark(page)
    await setPause(hunt.game, by, true)
    await page.locator(`body[data-hunt*='"paused":true']`).waitFor()
    await setRegistration(hunt.game, by, 'open', null)
    await setPause(hunt.game, by, false)
    await page.locator(`body[data-hunt*='"paused":false']`).waitFor()
    assert.equal(await shown(page), token)
    assert.ok(await isKept(page))
    await page.reload()
    assert.equal(await shown(page), token)
    await page.click('form.language button[value=fr]')
    await page.locator('html[lang=fr]').waitFor()
    assert.equal(await shown(page), token)
    await page.close()
    const again = await context.newPage()
    await again.goto(`${hunt.url}/welcome`)
    assert.equal(await shown(again), token)
    const [made] = await hunt.game.sql<[{ n: number }]>`
      select count(*)::int as n from tokens t join members m on m.id = t.member_id where m.name = 'Token Keeper'`
    assert.equal(made.n, 1)
    await again.click('form.shown-until button')
    await again.waitForURL(/\/map$/)
    assert.deepEqual(faults, [])
    await context.close()
  })

  test('keeps what somebody is typing while the hunt is paused, and says that the page is another now', async () => {
    await hunt.register('Typing Tara')
    const { page, context } = await visit(browser)
    await page.goto(`${hunt.url}/login?next=/hunt/word`)
    await page.fill('main input[name=name]', 'Typing Tara')
    await page.fill('input[name=password]', password)
    await page.click('main form[action="/login"] button[type=submit]')
    await page.fill('input[name=answer]', 'half a wo')
    await mark(page)
    await setPause(hunt.game, by, true)
    await page.locator('[data-changed] a').waitFor()
    assert.equal(await page.inputValue('input[name=answer]'), 'half a wo')
    await setPause(hunt.game, by, false)
    await page.locator('[data-changed]').waitFor({ state: 'hidden' })
    assert.ok(await isKept(page))

    // Without anything typed the page becomes what it is now.
    await page.fill('input[name=answer]', '')
    await setPause(hunt.game, by, true)
    await page.locator('main .notice', { hasText: 'The hunt is paused.' }).waitFor()
    await setPause(hunt.game, by, false)
    await page.locator('input[name=answer]').waitFor()
    assert.ok(await isKept(page))
    await context.close()
  })

  test('comes to the moment when the hunt begins without being loaded anew', async () => {
    const { page, context } = await visit(browser)
    await setWindow(hunt.game, by, { start: new Date(Date.now() + 8000).toISOString() })
    await until('the start', 20, () => hunt.game.settings.phase() === 'before')
    await page.goto(`${hunt.url}/`)
    await page.locator('main .clock', { hasText: 'The hunt starts on' }).waitFor()
    await mark(page)
    await page.locator('main .clock', { hasText: 'The hunt starts on' }).waitFor({ state: 'detached' })
    assert.ok(await isKept(page))
    await setWindow(hunt.game, by, {})
    await context.close()
  })

  test('sends a form once, however often its button is pressed', async () => {
    const { page, context } = await visit(browser)
    await page.goto(`${hunt.url}/join`)
    await page.fill('input[name=name]', 'Double Dolma')
    await page.fill('input[name=password]', password)
    await page.locator('main form[action="/join"] button[type=submit]').dblclick()
    await page.locator('.token-card code').waitFor()
    await context.close()
  })
})
