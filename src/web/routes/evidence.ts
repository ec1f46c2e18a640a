import { Router } from 'express'
import { viewCommit, viewFile } from '../../game/judging/evidence.ts'
import type { WebDeps } from '../deps.ts'
import { mustPlay, playerOf } from '../request/guards.ts'
import { show } from '../middleware/shell.ts'

/** Read-only pages of one's own commits and files: where evidence links lead. */
export function evidenceRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.get('/evidence/:repository/:sha', mustPlay, async (req, res) => {
    const [repository, sha] = [String(req.params['repository']), String(req.params['sha'])]
    const base = `/evidence/${repository}`
    const commit = await viewCommit(game, playerOf(req).slug, repository, sha)
    show(res, 'commit', {
      repository,
      ...commit,
      parents: commit.parents.map((parent) => ({ sha: parent, href: `${base}/${parent}` })),
      files: commit.files.map((file) => ({
        ...file,
        href: file.status === 'D' ? null : `${base}/${commit.sha}/file?path=${encodeURIComponent(file.path)}`,
      })),
    })
  })
  router.get('/evidence/:repository/:sha/file', mustPlay, async (req, res) => {
    const [repository, sha] = [String(req.params['repository']), String(req.params['sha'])]
    const { path } = req.query
    const file = await viewFile(
      game,
      playerOf(req).slug,
      repository,
      sha,
      typeof path === 'string' ? path : '',
    )
    show(res, 'file', { repository, sha, ...file, commitHref: `/evidence/${repository}/${sha}` })
  })
  return router
}
