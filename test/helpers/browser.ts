import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Why browser tests cannot run here; false where they can. In CI nothing may be lacking: there they run and fail. */
export const lacksBrowser: string | false =
  existsSync(chromiumPath) || process.env['CI'] === 'true'
    ? false
    : `no Chromium at ${chromiumPath}: install the package chromium, or name one by CHROMIUM=…`

export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Visit {
  context: BrowserContext
  page: Page
  /** Errors of scripts and refused resources, which no page may have. */
  faults: string[]
}

/** A browser of its own: no cookie, no storage shared with another. */
export async function visit(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // What a browser was loading while another file laid or took down a network interface, it asks for again.
    if (message.type() === 'error' && !message.text().includes('ERR_NETWORK_CHANGED'))
      faults.push(message.text())
  })
  return { context, page, faults }
}
