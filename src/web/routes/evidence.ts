import { Router, type Request, type Response } from 'express'
import { viewCommit, viewFile, type ViewOf } from '../../game/judging/evidence.ts'
import { createFairPlaces } from '../../lib/fair-places.ts'
import type { WebDeps } from '../deps.ts'
import { mustPlay, playerOf } from '../request/guards.ts'
import { show } from '../middleware/shell.ts'

/** Repositories that are read for pages at once; one player never has all of these places. */
const numbers = { places: 6, perKey: 2, waitingPerKey: 10, secondsPerMinute: 15 }

/** Read-only pages of one's own commits and files: where evidence links lead. */
export function evidenceRoutes({ game }: WebDeps): Router {
  const router = Router()
  const places = createFairPlaces(numbers)
  const read = async <T>(req: Request, res: Response, view: (of: ViewOf) => Promise<T>): Promise<T> => {
    const { slug, playerId } = playerOf(req)
    const [repository, sha] = [String(req.params['repository']), String(req.params['sha'])]
    const gone = new AbortController()
    res.once('close', () => gone.abort())
    return await places.pass(slug, () => view({ playerId, slug, repository, sha, signal: gone.signal }))
  }
  router.get('/evidence/:repository/:sha', mustPlay, async (req, res) => {
    const commit = await read(req, res, (of) => viewCommit(game, of))
    const repository = String(req.params['repository'])
    const base = `/evidence/${repository}`
    show(res, 'commit', {
      repository,
      ...commit,
      tooMany: commit.files === null,
      parents: commit.parents.map((parent) => ({ sha: parent, href: `${base}/${parent}` })),
      files: (commit.files ?? []).map((file) => ({
        ...file,
        href:
          commit.gone || file.status === 'D'
            ? null
            : `${base}/${commit.sha}/file?path=${encodeURIComponent(file.path)}`,
      })),
    })
  })
  router.get('/evidence/:repository/:sha/file', mustPlay, async (req, res) => {
    const [repository, sha] = [String(req.params['repository']), String(req.params['sha'])]
    const { path } = req.query
    const file = await read(req, res, (of) => viewFile(game, of, typeof path === 'string' ? path : ''))
    show(res, 'file', { repository, sha, ...file, commitHref: `/evidence/${repository}/${sha}` })
  })
  return router
}
