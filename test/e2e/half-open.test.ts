import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { announce, setWindow } from '../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { createApp } from '../../src/web/app.ts'
import { createSseHub, type SseHub } from '../../src/web/sse/hub.ts'
import { createViews } from '../../src/web/view/view.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { readEvents } from '../helpers/events.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { listenHttp } from '../helpers/listen.ts'
import { wireTo } from '../helpers/proxy.ts'
import { until } from '../helpers/until.ts'

/** Of this machine, and not the one that browsers trust without TLS. */
const lan = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

describe('the connection of an open page', () => {
  let hunt: TestGame
  let browser: Browser | undefined
  let by: string

  before(async () => {
    hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
    by = (await hunt.register('Tashi')).memberId
    if (lacksBrowser === false) browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await hunt.close()
  })

  /** The same hunt at an address of its own, with a heart that beats as often as is said. */
  async function serveAt(context: TestContext, address: string, heartbeatMs?: number) {
    const { game } = hunt
    const views = createViews({ root: join(packageRoot(), 'views'), languages: game.hunt.languages })
    const sse: SseHub = createSseHub({ ...game, ...(heartbeatMs !== undefined && { heartbeatMs }) })
    context.after(() => sse.close())
    const readiness = () => Promise.resolve({ status: 'ready' as const, missing: {} })
    const app = createApp({ game, views, sse, readiness })
    return { port: await listenHttp(context, app, address), sse }
  }
  const opened = (): Browser => {
    assert.ok(browser)
    return browser
  }
  const readers = (sse: SseHub, many: number) =>
    until(
      `${many} open streams`,
      20,
      () => [sse.size],
      ([size]) => size === many,
    )
  const shows = (page: Page, text: string) => page.locator('#announcement', { hasText: text }).waitFor()

  test('is told every beat as an event, and when the next is due', async (t) => {
    const { port } = await serveAt(t, '127.0.0.1', 100)
    const reader = await readEvents(`http://127.0.0.1:${port}`)
    const { data } = await reader.next('beat')
    assert.equal(data['every'], 100)
    assert.ok(Math.abs(Date.parse(String(data['now'])) - Date.now()) < 20_000)
    await until('a third beat', 20, () => reader.events.filter(({ event }) => event === 'beat').length >= 3)
    reader.close()
  })

  test(
    'is known to be half open, is opened anew, and the page says so and catches up',
    { skip: lacksBrowser },
    async (t) => {
      const { port, sse } = await serveAt(t, '127.0.0.1', 400)
      const wire = await wireTo(port)
      t.after(() => wire.close())
      const { page, context } = await visit(opened())
      await page.goto(`http://127.0.0.1:${wire.port}/leaderboard`)
      await readers(sse, 1)
      await page.locator('[data-connection]').waitFor({ state: 'hidden' })
      wire.hush()
      await announce(hunt.game, by, { en: 'Said into silence.' })
      await page.locator('[data-connection]').waitFor({ state: 'visible' })
      wire.mend()
      await shows(page, 'Said into silence.')
      await page.locator('[data-connection]').waitFor({ state: 'hidden' })
      await announce(hunt.game, by, null)
      await context.close()
    },
  )

  test(
    'is one for eight tabs at an address without TLS, and all of them hear',
    { skip: lacksBrowser || (lan === undefined && 'this machine has no address but its own loop') },
    async (t) => {
      const { port, sse } = await serveAt(t, lan ?? '')
      const { context, page } = await visit(opened())
      const address = `http://${lan}:${port}`
      const tabs = [page]
      while (tabs.length < 8) tabs.push(await context.newPage())
      for (const tab of tabs) await tab.goto(`${address}/leaderboard`)
      assert.equal(await page.evaluate('isSecureContext'), false)
      await announce(hunt.game, by, { en: 'To all eight.' })
      for (const tab of tabs) await shows(tab, 'To all eight.')
      // Each tab that joins opens it anew; the server hears of the end of the one before a moment later.
      await readers(sse, 1)
      // The tab that opened the stream goes, and nobody misses it.
      await page.close()
      await announce(hunt.game, by, { en: 'To the seven.' })
      for (const tab of tabs.slice(1)) await shows(tab, 'To the seven.')
      for (const tab of tabs.slice(1)) await tab.close()
      await readers(sse, 0)
      await announce(hunt.game, by, null)
      await context.close()
    },
  )

  test('is a tab’s own where workers cannot be shared', { skip: lacksBrowser }, async (t) => {
    const { port, sse } = await serveAt(t, '127.0.0.1')
    const { context, page } = await visit(opened())
    await context.addInitScript('delete globalThis.SharedWorker')
    const second = await context.newPage()
    for (const tab of [page, second]) await tab.goto(`http://127.0.0.1:${port}/leaderboard`)
    await readers(sse, 2)
    await announce(hunt.game, by, { en: 'To each alone.' })
    for (const tab of [page, second]) await shows(tab, 'To each alone.')
    await announce(hunt.game, by, null)
    await context.close()
  })

  test('sets the clock of a page that was made a while ago', { skip: lacksBrowser }, async (t) => {
    const { port } = await serveAt(t, '127.0.0.1')
    const address = `http://127.0.0.1:${port}/leaderboard`
    const end = Date.now() + 3_600_000
    await setWindow(hunt.game, by, { end: new Date(end).toISOString() })
    const made = async () => {
      const html = await (await fetch(address)).text()
      return html.includes(new Date(end).toISOString())
    }
    await until('the page with its end', 20, made)
    const { context, page } = await visit(opened())
    // The server keeps the page for some seconds: one of them is old when it comes.
    const age = async () => {
      const asked = Date.now()
      await page.goto(address)
      const now = await page.locator('meta[name=now]').getAttribute('content')
      return [asked - Date.parse(now ?? '')]
    }
    await until('a page that is old', 60, age, ([old = 0]) => old > 4_000)
    const left = async () => {
      const [minutes = 0, seconds = 0] = ((await page.locator('main .countdown').textContent()) ?? '')
        .split(':')
        .slice(-2)
        .map(Number)
      return [Math.abs(minutes * 60 + seconds - (end - Date.now()) / 1000)]
    }
    await until('the countdown to be right', 20, left, ([wrong = Infinity]) => wrong < 3)
    await setWindow(hunt.game, by, {})
    await context.close()
  })
})
