import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { makeOrganizerLink } from '../../src/game/people/organizers.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { openShell, type Shell } from '../helpers/shell.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

describe('a hunt in the browser', { skip: lacksBrowser }, () => {
  let hunt: TestGame
  let shell: Shell
  let browser: Browser

  before(async () => {
    hunt = await startGame({ challenges: small })
    shell = openShell()
    browser = await launch()
  })
  after(async () => {
    await browser.close()
    shell.remove()
    await hunt.close()
  })

  /** Joins by the form and returns the token that the welcome page shows. */
  async function joinHunt(page: Page, name: string): Promise<string> {
    await page.goto(`${hunt.url}/`)
    await page.locator('a[href="/join"]').first().click()
    await page.fill('input[name=name]', name)
    await page.fill('input[name=password]', password)
    await page.click('main form[action="/join"] button[type=submit]')
    const token = (await page.locator('.token-card code').textContent()) ?? ''
    assert.match(token, /^shb_[\w-]{43}$/)
    return token
  }
  const clone = (slug: string, token: string, repository: string) =>
    `git clone -q ${hunt.url.replace('://', `://${slug}:${token}@`)}/git/${slug}/${repository}.git ${slug}-${repository}`

  test('a player joins, pushes, and the open page and another’s leaderboard move by themselves', async () => {
    const player = await visit(browser)
    const viewer = await visit(browser)
    const token = await joinHunt(player.page, 'Tashi Browser')
    await viewer.page.goto(`${hunt.url}/leaderboard`)
    await viewer.page.locator('tr[data-slug=tashibrowser]').waitFor()

    await player.page.goto(`${hunt.url}/hunt/first`)
    assert.equal(await player.page.locator('#verdict [data-status]').getAttribute('data-status'), 'none')
    await player.page.evaluate(() => ((globalThis as { kept?: boolean }).kept = true))
    const wrong = await shell.run(
      `${clone('tashibrowser', token, 'first')} && cd tashibrowser-first && echo wrong > word.txt && git add -A && git commit -qm w && git push`,
    )
    assert.equal(wrong.code, 0, wrong.stderr)
    await player.page.locator('#verdict .verdict-failed').waitFor()
    assert.match(
      (await player.page.locator('#verdict').textContent()) ?? '',
      /This is not the word\..*the word right/s,
    )

    await shell.run('cd tashibrowser-first && echo right > word.txt && git commit -qam w && git push')
    await player.page.locator('#verdict .verdict-passed').waitFor()
    assert.match((await player.page.locator('#verdict').textContent()) ?? '', /\+100/)
    assert.ok(
      await player.page.evaluate(() => (globalThis as { kept?: boolean }).kept),
      'the page was not loaded anew',
    )
    await viewer.page.locator('tr[data-slug=tashibrowser][data-score="100"]').waitFor()
    assert.deepEqual([...player.faults, ...viewer.faults], [])

    await player.page.goto(`${hunt.url}/map`)
    assert.equal(await player.page.locator('a[href="/hunt/second"]').first().isVisible(), true)
    await player.context.close()
    await viewer.context.close()
  })

  test('the Check button, hints, evidence, the answer form and starting again work without JavaScript', async () => {
    const { page, context } = await visit(browser, { javaScriptEnabled: false })
    const token = await joinHunt(page, 'Nima Noscript')
    await shell.run(
      `${clone('nimanoscript', token, 'first')} && cd nimanoscript-first && echo wrong > word.txt && git add -A && git commit -qm w && git push`,
    )
    await page.goto(`${hunt.url}/hunt/first`)
    await page.click('form[action="/hunt/first/check"] button')
    await page.locator('#verdict .verdict-failed').waitFor()
    await page.click('#verdict .verdict-link a')
    await page.locator('a[href^="/evidence/first/"]').first().click()
    await page.locator('a[href*="/file?path=word.txt"]').click()
    assert.match((await page.locator('main').textContent()) ?? '', /wrong/)

    await page.goto(`${hunt.url}/hunt/first`)
    await page.click('#hint-1 summary')
    await page.click('#hint-1 form button')
    assert.match((await page.locator('#hint-1').textContent()) ?? '', /begins with a letter/)

    await page.click('details.again summary')
    await page.click('form[action="/hunt/first/reset"] button')
    const fresh = await shell.run(
      `rm -rf nimanoscript-first && ${clone('nimanoscript', token, 'first')} && ls nimanoscript-first`,
    )
    assert.equal(fresh.stdout.trim(), 'README.md')

    await page.goto(`${hunt.url}/hunt/word`)
    await page.fill('input[name=answer]', 'swordfish')
    await page.click('form[action="/hunt/word/check"] button')
    await page.locator('#verdict .verdict-failed').waitFor()
    assert.ok(!(await page.content()).includes('swordfish'), 'an answer is never echoed')
    await context.close()
  })

  test('everything reads French after one press, also for who is not logged in', async () => {
    const { page, context } = await visit(browser)
    await page.goto(`${hunt.url}/leaderboard`)
    await page.click('form.language button[value=fr]')
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
    await page.goto(`${hunt.url}/`)
    assert.match((await page.locator('main').textContent()) ?? '', /Trois pas/)
    await context.close()
  })

  test('the keyboard alone is enough to join and to ask for a verdict', async () => {
    const { page, context } = await visit(browser)
    await page.goto(`${hunt.url}/join`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement?.id'), 'main')
    await page.focus('input[name=name]')
    await page.keyboard.type('Karma Keys')
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.locator('.token-card').waitFor()
    await page.goto(`${hunt.url}/hunt/first`)
    await page.focus('form[action="/hunt/first/check"] button')
    await page.keyboard.press('Enter')
    await page.locator('#verdict .verdict-failed').waitFor()
    await context.close()
  })

  test('no page is wider than a phone', async () => {
    const { page, context } = await visit(browser, { viewport: { width: 390, height: 844 } })
    await joinHunt(page, 'Pema Phone')
    for (const path of ['/', '/map', '/hunt/first', '/leaderboard', '/me', '/nowhere']) {
      await page.goto(hunt.url + path)
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'))
      assert.ok(width <= 390, `${path} is ${width} px wide`)
    }
    await context.close()
  })

  test('an organizer enters by the link that works once, pauses, announces, hides and restores', async () => {
    const { page, context } = await visit(browser)
    const viewer = await visit(browser)
    const link = `${hunt.url}/organizer/${await makeOrganizerLink(hunt.game)}`
    await page.goto(link)
    await page.click('main form button[type=submit]')
    await page.waitForURL(/\/desk$/)

    await viewer.page.goto(`${hunt.url}/leaderboard`)
    await page.fill('textarea[name=en], input[name=en]', 'Tea at four.')
    await page.click('form[action="/desk/announcement"] button[type=submit]')
    await viewer.page.locator('#announcement', { hasText: 'Tea at four.' }).waitFor()

    await page.click('form[action="/desk/pause"] button')
    assert.equal(hunt.game.settings.paused, true)
    await page.click('form[action="/desk/pause"] button')
    assert.equal(hunt.game.settings.paused, false)

    const made = await hunt.register('Hidden Hana')
    await viewer.page.locator(`tr[data-slug=${made.slug}]`).waitFor()
    await page.goto(`${hunt.url}/desk?find=hana`)
    await page.click(`form[action="/desk/players/${made.slug}/hide"] button`)
    await viewer.page.locator(`tr[data-slug=${made.slug}]`).waitFor({ state: 'detached' })
    await page.goto(`${hunt.url}/desk?find=hana`)
    await page.click(`form[action="/desk/players/${made.slug}/restore"] button`)
    await viewer.page.locator(`tr[data-slug=${made.slug}]`).waitFor()

    await page.goto(link)
    await page.waitForURL(/\/desk$/)
    const other = await visit(browser)
    const used = await other.page.goto(link)
    assert.equal(used?.status(), 410)
    for (const one of [context, viewer.context, other.context]) await one.close()
  })

  test('a player makes and revokes a token, changes the password, and leaves the hunt without a trace of the name', async () => {
    const { page, context } = await visit(browser)
    await joinHunt(page, 'Leaving Lobsang')
    await page.goto(`${hunt.url}/me`)
    await page.fill('form[action="/me/tokens"] input[name=name]', 'laptop')
    await page.click('form[action="/me/tokens"] button')
    const token = /shb_[\w-]{43}/.exec((await page.locator('main').textContent()) ?? '')?.[0] ?? ''
    const listed = await shell.run(
      `git ls-remote ${hunt.url.replace('://', `://x:${token}@`)}/git/leavinglobsang/first.git`,
    )
    assert.equal(listed.code, 0, listed.stderr)
    await page.goto(`${hunt.url}/me`)
    await page.locator('form[action$="/revoke"] button').last().click()
    const refused = await shell.run(
      `git ls-remote ${hunt.url.replace('://', `://x:${token}@`)}/git/leavinglobsang/first.git`,
    )
    assert.notEqual(refused.code, 0)

    await page.fill('form[action="/me/password"] input[name=current]', password)
    await page.fill('form[action="/me/password"] input[name=next]', 'another long one')
    await page.click('form[action="/me/password"] button')
    await page.waitForURL(/\/me$/)

    const leave = page.locator('form[action="/me/leave"]')
    if (!(await leave.isVisible()))
      await page.locator('details:has(form[action="/me/leave"]) > summary').click()
    await leave.locator('input[name=confirm]').fill('Leaving Lobsang')
    await leave.locator('button').click()
    await page.waitForURL(`${hunt.url}/`)
    await page.goto(`${hunt.url}/leaderboard`)
    await page.locator('tr', { hasText: 'left the hunt' }).waitFor()
    assert.ok(!/lobsang/i.test(await page.content()), 'the name is still on the leaderboard')
    await context.close()
  })
})
