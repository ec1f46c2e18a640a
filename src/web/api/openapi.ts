import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z, type ZodType } from 'zod'
import { keyShape } from './idempotency.ts'
import { problem } from './problem.ts'
import type { Route } from './route.ts'

const about = `Times are RFC 3339. We only add: ignore fields and values that you do not know. A POST may carry an
\`Idempotency-Key\`; its first successful answer is given again for a day. Errors are \`application/problem+json\` (RFC 9457)
with a stable \`code\`. Limits are told in \`RateLimit\` headers.`

/** OpenAPI 3.1 out of the same routes that answer. */
export function describe(routes: readonly Route[], sessionCookie: string): object {
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
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'For reading only.' },
      },
    },
  })
}

function operation(route: Route): ZodOpenApiOperationObject {
  const header = route.method === 'post' ? idempotency.extend(route.headers?.shape ?? {}) : route.headers
  const parameters = {
    ...(route.params && { path: route.params }),
    ...(route.query && { query: route.query }),
    ...(header && { header }),
  }
  return {
    operationId: route.id,
    summary: route.about.split(/[.:;]/)[0] ?? route.id,
    description: route.about,
    security: securityOf(route),
    requestParams: parameters,
    ...(route.body && { requestBody: bodyOf(route.body) }),
    responses: { ...answersOf(route), ...refusalsOf(route) },
  }
}

const idempotency = z.object({
  'Idempotency-Key': z
    .string()
    .regex(keyShape)
    .optional()
    .meta({ description: 'Any text of your own, new for each request.' }),
})

/** Where nothing has to be said, no body reads as `{}`. */
function bodyOf(schema: ZodType) {
  return {
    required: !schema.safeParse({}).success,
    content: { 'application/json': { schema } },
  }
}

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
  const { access, method, params, query, body, limit } = route
  const statuses = new Set([
    // A token that nobody has is refused also where none is asked for.
    ...(access === 'public' ? [] : [401, 429]),
    ...(access === 'member' || access === 'player' ? [403] : []),
    ...(limit ? [429] : []),
    // An address or a body that cannot be decoded; then what does not fit.
    ...(params || body ? [400] : []),
    ...(params || query || body ? [422] : []),
    ...(body ? [413, 415] : []),
    ...(method === 'post' ? [409, 422] : []),
    ...(route.refusals ?? []),
    503,
  ])
  const content = { 'application/problem+json': { schema: problem } }
  return Object.fromEntries(
    [...statuses].map((status) => [status, { description: 'A problem; `code` says which.', content }]),
  )
}
