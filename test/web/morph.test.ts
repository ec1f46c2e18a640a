import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { lacksBrowser, launch } from '../helpers/browser.ts'
import { serveGallery } from '../helpers/gallery-serve.ts'

/** Runs in the browser: morphs `#workspaces` into a copy of itself to which `change` was done. */
const morphed = (change: string) => `(async () => {
  const { morph } = await import('/assets/js/morph.js')
  const here = document.querySelector('#workspaces')
  const there = new DOMParser().parseFromString(document.documentElement.outerHTML, 'text/html').querySelector('#workspaces')
  ;(${change})(there)
  morph(here, there)
})()`

describe('a part of a page that is made like its new rendering', { skip: lacksBrowser }, () => {
  let browser: Browser
  let served: Awaited<ReturnType<typeof serveGallery>>
  let page: Page
  before(async () => {
    served = await serveGallery()
    browser = await launch()
    page = await browser.newPage()
  })
  after(async () => {
    await browser.close()
    await served.close()
  })
  const open = async () => {
    await page.goto(`${served.url}/en/desk-workspaces`)
  }
  const order = () =>
    page.evaluate<string[]>(
      "[...document.querySelectorAll('#workspaces tbody')].map((row) => row.dataset.slug)",
    )

  it('moves its rows with their focus, whichever way they go', async () => {
    await open()
    const link = page.locator('[data-slug="player3"] a.row-link')
    await link.focus()
    await page.evaluate('document.activeElement.kept = true')
    await page.evaluate(
      morphed("(it) => it.querySelector('thead').after(it.querySelector('[data-slug=player3]'))"),
    )
    assert.deepEqual(await order(), ['player3', 'player0', 'player1', 'player2', 'player4'])
    await page.evaluate(
      morphed("(it) => it.querySelector('table').append(it.querySelector('[data-slug=player3]'))"),
    )
    assert.deepEqual(await order(), ['player0', 'player1', 'player2', 'player4', 'player3'])
    assert.deepEqual(
      await page.evaluate('[document.activeElement.kept, document.activeElement.getAttribute("href")]'),
      [true, '/desk/workspaces/player3/reset'],
    )
  })

  it('never makes one player’s row another’s: the focus of a row that goes, goes to the page', async () => {
    await open()
    await page.locator('[data-slug="player1"] button').focus()
    await page.evaluate(morphed("(it) => it.querySelector('[data-slug=player1]').remove()"))
    assert.equal(await page.evaluate('document.activeElement.id'), 'main')
    await page.locator('[data-slug="player0"] button').focus()
    await page.evaluate(morphed("(it) => it.querySelector('[data-slug=player0] form').remove()"))
    assert.equal(
      await page.evaluate('document.activeElement.getAttribute("href")'),
      '/desk/workspaces/player0/reset',
    )
  })

  it('keeps what was typed and opened, and takes the new text beside it', async () => {
    await open()
    await page.evaluate(`document.querySelector('#workspaces').insertAdjacentHTML('beforeend',
      '<details><summary>More</summary><input name="a" value="old"><textarea>old</textarea></details><p id="beside">old</p>')`)
    await page.locator('summary', { hasText: 'More' }).click()
    await page.fill('#workspaces input[name=a]', 'half a na')
    await page.fill('#workspaces textarea', 'half a text')
    await page.evaluate(
      morphed(`(it) => {
        it.querySelector('details').open = false
        it.querySelector('#beside').textContent = 'new'
      }`),
    )
    assert.equal(await page.locator('#beside').textContent(), 'new')
    assert.equal(await page.inputValue('#workspaces input[name=a]'), 'half a na')
    assert.equal(await page.inputValue('#workspaces textarea'), 'half a text')
    assert.equal(await page.locator('#workspaces details').getAttribute('open'), '')
  })
})
