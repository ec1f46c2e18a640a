import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { problem } from './problem.ts'
import type { Route } from './route.ts'

const everywhere = [422, 429, 500, 503]

/** OpenAPI 3.1 of the routes, from the same schemas that read the requests. */
export function openApi(routes: readonly Route[], hunt: string): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: `${hunt}: the hunt’s API`,
      version: '1',
      description: 'For scripts. It is only added to: ignore fields and values that you do not know.',
    },
    servers: [{ url: '/api/v1' }],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token from your page.' } },
    },
    paths,
  })
}

function operation(route: Route): ZodOpenApiOperationObject {
  const refusals = [
    ...new Set([...(route.refusals ?? []), ...everywhere, ...(guarded(route) ? [401, 403] : [])]),
  ].sort()
  const responses: ZodOpenApiOperationObject['responses'] = {}
  for (const [status, answer] of Object.entries(route.answers)) {
    const media = answer.schema ? { schema: answer.schema } : {}
    const type = answer.type ?? 'application/json'
    responses[status as '200'] = {
      description: answer.about,
      ...((answer.schema ?? answer.type) && { content: { [type]: media } }),
    }
  }
  for (const status of refusals) {
    responses[String(status) as '400'] = {
      description: 'A problem (RFC 9457).',
      content: { 'application/problem+json': { schema: problem } },
    }
  }
  return {
    operationId: route.id,
    summary: route.about,
    ...((route.params ?? route.query) && {
      requestParams: {
        ...(route.params && { path: route.params }),
        ...(route.query && { query: route.query }),
      },
    }),
    ...(route.body && { requestBody: { content: { 'application/json': { schema: route.body } } } }),
    ...(guarded(route) && { security: [{ token: [] }] }),
    responses,
  }
}

function guarded(route: Route): boolean {
  return route.access === 'member' || route.access === 'player'
}
