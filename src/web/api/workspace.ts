import { z } from 'zod'
import { deleteImage, playerImages } from '../../game/registry/player-images.ts'
import { playerKubeconfig, quotasOf, workspaceOf } from '../../game/workspaces/workspace.ts'
import { renewWorkspace, resetWorkspace } from '../../game/workspaces/lifecycle.ts'
import { playerOf, route } from './route.ts'
import { count, text, time, workspace } from './schemas.ts'

const read = route({
  method: 'get',
  path: '/workspace',
  id: 'getWorkspace',
  about: 'What you were given: your repositories and namespaces, and where to reach them.',
  access: 'player',
  answers: { 200: { about: 'The workspace.', schema: workspace } },
  async handle({ game, req, origin }) {
    return { status: 200, body: await workspaceOf(game, playerOf(req), origin) }
  },
})

const kubeconfig = route({
  method: 'get',
  path: '/workspace/kubeconfig',
  id: 'getKubeconfig',
  about: 'A kubeconfig for your namespaces, with a new token each time: `curl … > ~/.kube/config`.',
  access: 'player',
  limit: 'changes',
  answers: { 200: { about: 'The kubeconfig.', schema: z.string(), type: 'application/yaml' } },
  refusals: [404, 409],
  async handle({ game, req, res }) {
    const { text, expiresAt, namespace } = await playerKubeconfig(game, playerOf(req))
    res
      .set({
        'Content-Type': 'application/yaml',
        'Content-Disposition': `attachment; filename="${namespace}.kubeconfig"`,
        'Cache-Control': 'no-store',
        Expires: expiresAt.toUTCString(),
      })
      .send(text)
    return null
  },
})

const quota = route({
  method: 'get',
  path: '/workspace/quota',
  id: 'getQuota',
  about: 'How much of each namespace’s quota is used.',
  access: 'player',
  answers: {
    200: {
      about: 'One entry for each namespace.',
      schema: z.object({
        rows: z.array(
          z.object({
            namespace: z.string(),
            quota: z.array(z.object({ resource: z.string(), used: z.string(), hard: z.string() })),
          }),
        ),
      }),
    },
  },
  refusals: [404, 409],
  async handle({ game, req }) {
    return { status: 200, body: { rows: await quotasOf(game, playerOf(req)) } }
  },
})

const reset = route({
  method: 'post',
  path: '/workspace/reset',
  id: 'resetWorkspace',
  about: 'Deletes your namespaces with all that is in them, and makes new ones.',
  access: 'player',
  limit: 'changes',
  body: z.strictObject({
    namespace: text({ least: 1, most: 80, about: 'The name of your namespace, as a confirmation.' }),
  }),
  answers: { 202: { about: 'It has begun.' } },
  refusals: [404],
  async handle({ game, req, body }) {
    await resetWorkspace(game, playerOf(req), body.namespace)
    return { status: 202 }
  },
})

const renew = route({
  method: 'post',
  path: '/workspace/renew',
  id: 'renewWorkspace',
  about: 'Gives your namespaces another whole life from now on.',
  access: 'player',
  limit: 'changes',
  answers: { 204: { about: 'Renewed.' } },
  refusals: [404, 409],
  async handle({ game, req }) {
    await renewWorkspace(game, playerOf(req))
    return { status: 204 }
  },
})

const images = route({
  method: 'get',
  path: '/workspace/images',
  id: 'listImages',
  about: 'Your images in the registry, the newest first.',
  access: 'player',
  answers: {
    200: {
      about: 'One entry for each digest.',
      schema: z.object({
        rows: z.array(
          z.object({
            repository: z.string().meta({ description: 'Below your path.' }),
            digest: z.string(),
            tags: z.array(z.string()),
            mediaType: z.string(),
            bytes: count,
            pushedAt: time,
            usedBy: z
              .array(z.object({ namespace: z.string(), pod: z.string() }))
              .nullable()
              .meta({ description: 'Pods that run it. null: no cluster says it right now.' }),
          }),
        ),
      }),
    },
  },
  refusals: [404],
  async handle({ game, req }) {
    return { status: 200, body: { rows: await playerImages(game, playerOf(req)) } }
  },
})

const removal = route({
  method: 'delete',
  path: '/workspace/images',
  id: 'deleteImage',
  about: 'Deletes an image with all its tags. Layers that no other image holds count no longer.',
  access: 'player',
  limit: 'changes',
  query: z.object({
    repository: text({ least: 1, most: 255, about: 'Below your path; it may hold slashes.' }),
    digest: text({ least: 1, most: 140, about: 'Such as `sha256:…`.' }),
  }),
  answers: { 204: { about: 'Deleted.' } },
  refusals: [404, 503],
  async handle({ game, req, query }) {
    await deleteImage(game, playerOf(req), query)
    return { status: 204 }
  },
})

export const workspaceRoutes = [read, kubeconfig, quota, reset, renew, images, removal]
