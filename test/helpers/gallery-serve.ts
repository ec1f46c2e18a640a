import express from 'express'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Language } from '../../src/core/text.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { assetRoutes } from '../../src/web/assets.ts'
import { createViews } from '../../src/web/view/view.ts'
import { gallery } from './gallery.ts'

/** Serves the gallery with the real assets: `/en/map`, `/fr/stage`, … */
export async function serveGallery(): Promise<{ url: string; names: string[]; close: () => Promise<void> }> {
  const root = packageRoot()
  const views = createViews({ root: join(root, 'views'), languages: ['en', 'fr'] })
  const pages = { en: gallery(views, 'en'), fr: gallery(views, 'fr') }
  const app = express()
  app.use('/assets', assetRoutes())
  app.get('/:language/:name', (req, res) => {
    const make = pages[req.params.language as Language][req.params.name]
    if (make) res.type('html').send(make())
    else res.sendStatus(404)
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    names: Object.keys(pages.en),
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections()
        server.close((error) => (error ? reject(error) : resolve()))
      }),
  }
}
