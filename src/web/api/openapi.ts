import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import { problem } from './problem.ts'
import type { Route } from './route.ts'

const about = `Times are RFC 3339. We only add: ignore fields and values that you do not know. A POST may carry an
\`Idempotency-Key\`; its first successful answer is given again for a day. Errors are \`application/problem+json\` (RFC 9457)
with a stable \`code\`. Limits are told in \`RateLimit\` headers.`

/** OpenAPI 3.1 out of the same routes that answer. */
export function describe(routes: readonly Route[]): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Shambhala',
      version: '1',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of yours, `shb_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'shambhala', description: 'For reading only.' },
      },
    },
  })
}

function operation(route: Route): ZodOpenApiOperationObject {
  const parameters = {
    ...(route.params && { path: route.params }),
    ...(route.query && { query: route.query }),
  }
  const header = route.method === 'post' ? { header: idempotency } : {}
  return {
    operationId: route.id,
    summary: route.about.split(/[.:;]/)[0] ?? route.id,
    description: route.about,
    security: securityOf(route),
    requestParams: { ...parameters, ...header },
    ...(route.body && { requestBody: { content: { 'application/json': { schema: route.body } } } }),
    responses: { ...answersOf(route), ...refusalsOf(route) },
  }
}

const idempotency = z.object({
  'Idempotency-Key': z
    .string()
    .max(255)
    .optional()
    .meta({ description: 'Any text of your own, new for each request.' }),
})

function securityOf({ access, method }: Route) {
  if (access === 'public') return []
  const session = method === 'get' ? [{ session: [] }] : []
  if (access === 'anyone') return method === 'get' ? [{}, { token: [] }, ...session] : []
  return [{ token: [] }, ...session]
}

function answersOf(route: Route) {
  return Object.fromEntries(
    Object.entries(route.answers).map(
      ([status, { about: description, schema, type = 'application/json' }]) => [
        status,
        { description, ...(schema && { content: { [type]: { schema } } }) },
      ],
    ),
  )
}

function refusalsOf(route: Route) {
  const always = route.access === 'member' || route.access === 'player' ? [401, 403, 429] : []
  const limited = route.limit ? [429] : []
  const keyed = route.method === 'post' ? [409, 422] : []
  const statuses = new Set([...always, ...limited, ...keyed, ...(route.refusals ?? []), 503])
  const content = { 'application/problem+json': { schema: problem } }
  return Object.fromEntries(
    [...statuses].map((status) => [status, { description: 'A problem; `code` says which.', content }]),
  )
}
