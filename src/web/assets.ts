import express, { type Router } from 'express'
import { join } from 'node:path'
import { packageRoot } from '../lib/root.ts'

/** Below `/assets`: our own files, and those of packages that browsers load as they are. */
export function assetRoutes(): Router {
  const router = express.Router()
  const packages = join(packageRoot(), 'node_modules')
  const options = { index: false, maxAge: '1h', immutable: false }
  for (const family of ['alegreya', 'alegreya-sans', 'ibm-plex-mono']) {
    const folder = join(packages, '@fontsource', family, 'files')
    router.use(`/fonts/${family}`, express.static(folder, { index: false, maxAge: '365d', immutable: true }))
  }
  router.use('/idiomorph', express.static(join(packages, 'idiomorph', 'dist'), options))
  router.use(express.static(join(packageRoot(), 'views', 'assets'), options))
  router.use((_, res) => void res.sendStatus(404))
  return router
}
