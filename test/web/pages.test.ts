import assert from 'node:assert/strict'
import type { AxeResults } from 'axe-core'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { packageRoot } from '../../src/lib/root.ts'
import { createViews } from '../../src/web/view/view.ts'
import { lacksBrowser, launch } from '../helpers/browser.ts'
import { serveGallery } from '../helpers/gallery-serve.ts'
import { gallery } from '../helpers/gallery.ts'

const root = packageRoot()
const languages = ['en', 'fr'] as const
const locale = (language: string) =>
  JSON.parse(readFileSync(join(root, 'src/web/locales', `${language}.json`), 'utf8')) as object

describe('the words of the pages', () => {
  const views = createViews({ root: join(root, 'views'), languages })

  for (const language of languages) {
    it(`leave nothing unsaid on any page in ${language}`, () => {
      for (const [name, render] of Object.entries(gallery(views, language)))
        assert.doesNotMatch(render(), /⟦|\[object |undefined|>null</, name)
    })
  }

  it('exist in both languages, and every one that a template names exists', () => {
    const [en, fr] = languages.map((language) => keysOf(locale(language)))
    assert.ok(en && fr)
    assert.deepEqual(
      [...en].filter((key) => !fr.has(key)),
      [],
    )
    assert.deepEqual(
      [...fr].filter((key) => !en.has(key)),
      [],
    )
    const named = templates().flatMap((text) =>
      [...text.matchAll(/[({]t '([\w.-]+)'/g)].map((match) => match[1] ?? ''),
    )
    assert.deepEqual(
      named.filter((key) => !en.has(key)),
      [],
    )
  })

  it('never come from a template itself', () => {
    for (const text of templates()) {
      const bare = text
        .replace(/\{\{[\s\S]*?\}\}/g, ' ')
        .replace(/<[^>]*>/g, ' ')
        .replace(/&\w+;/g, ' ')
      const own = bare.match(/\p{L}{3,}/gu)?.filter((word) => !['English', 'Français'].includes(word))
      assert.deepEqual(own ?? [], [], text.slice(0, 200))
    }
  })

  it('keep scripts and styles in files of their own, as the policy demands', () => {
    for (const text of templates()) assert.doesNotMatch(text, /\sstyle=|\son\w+=|<style|<script(?![^>]*src=)/)
  })
})

describe('the pages in a browser', { skip: lacksBrowser, concurrency: false }, () => {
  let browser: Browser
  let served: Awaited<ReturnType<typeof serveGallery>>
  before(async () => {
    served = await serveGallery()
    browser = await launch()
  })
  after(async () => {
    await browser.close()
    await served.close()
  })

  for (const width of [1280, 390]) {
    for (const colorScheme of ['dark', 'light'] as const) {
      it(`can be read by everybody at ${width} pixels in the ${colorScheme} theme, without scrolling sideways`, async () => {
        const context = await browser.newContext({
          viewport: { width, height: 844 },
          colorScheme,
          reducedMotion: 'reduce',
        })
        const page = await context.newPage()
        const faults: string[] = []
        for (const name of served.names) {
          await page.goto(`${served.url}/${name.length % 2 === 0 ? 'en' : 'fr'}/${name}`)
          faults.push(...(await faultsOf(page)).map((fault) => `${name}: ${fault}`))
        }
        await context.close()
        assert.deepEqual(faults, [])
      })
    }
  }

  it('move a player who scores to the new place, with points, trail and first mark', async () => {
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    await page.goto(`${served.url}/en/leaderboard`)
    const publication = {
      version: 8,
      total: 100,
      rows: [
        {
          rank: 2,
          slug: 'p9',
          name: 'Nyima the Late',
          score: 1690,
          lastSolveAt: '2027-03-12T19:50:00+01:00',
          solved: { 'torn-map': '2027-03-12T18:40:12+01:00', observatory: '2027-03-12T19:50:00+01:00' },
        },
      ],
      gone: [],
      first: { observatory: 'p9' },
    }
    const move = `import('/assets/js/standings.js').then((live) => live.moveStandings(${JSON.stringify(publication)}))`
    await page.evaluate(move)
    const row = page.locator('tbody tr').nth(1)
    assert.match((await row.innerText()).replace(/\s+/g, ' '), /^2 Nyima the Late 1,690 12 Mar,? 19:50$/)
    assert.equal(await row.locator('.pip-solved').count(), 2)
    assert.equal(await row.locator('.pip-first[data-stage="observatory"]').count(), 1)
    assert.equal(await page.locator('tbody tr').nth(9).locator('.rank').innerText(), '10')
    await page.close()
  })

  it('copy a line where there is no clipboard, by selecting it', async () => {
    const page = await browser.newPage()
    await page.goto(`${served.url}/en/stage`)
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await page.locator('.stage-commands [data-copy]').click()
    assert.match(await page.evaluate<string>('window.getSelection().toString()'), /^git clone http/)
    assert.match(await page.locator('.stage-commands [data-copy-label]').innerText(), /Copied|Selected/)
    await page.close()
  })

  it('keep the theme that a reader chose', async () => {
    const page = await browser.newPage({ colorScheme: 'dark' })
    await page.goto(`${served.url}/en/join`)
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const night = await background()
    await page.locator('[data-theme-toggle]').click()
    assert.notEqual(await background(), night)
    const dawn = await background()
    await page.goto(`${served.url}/en/login`)
    assert.equal(await background(), dawn)
    await page.close()
  })
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is wrong on the page, in lines. */
async function faultsOf(page: Page): Promise<string[]> {
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  // The policy would refuse a script from elsewhere; this one comes through the debugger.
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })")
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  )
  return over > 0 ? [`${over} pixels too wide`, ...found] : found
}

/** Dotted keys, with the plural's ending taken off. */
function keysOf(tree: object, prefix = ''): Set<string> {
  const keys = Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object'
      ? [...keysOf(value as object, `${prefix}${key}.`)]
      : [`${prefix}${key.replace(/(_ordinal)?_(zero|one|two|few|many|other)$/, '')}`],
  )
  return new Set(keys)
}

function templates(): string[] {
  return ['layouts', 'pages', 'partials'].flatMap((folder) => {
    const path = join(root, 'views', folder)
    return readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'))
  })
}
