import { z } from 'zod'

const template = /\{\{/
const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const labels = new RegExp(`^(${label}(\\.${label})*)?$`)
const serviceName = new RegExp(`^${label}$`)
/** Those that say how the message is sent, which is ours to say. */
const reserved =
  /^(host|connection|keep-alive|content-length|transfer-encoding|accept-encoding|te|trailer|upgrade|expect|proxy-.*)$/

/** Templates are filled in later; what they became is looked at then. */
function fits(pattern: RegExp): (text: string) => boolean {
  return (text) => template.test(text) || pattern.test(text)
}

const headerName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9-]+$/, 'a header’s name in lower case, such as accept-language')
  .refine((name) => !reserved.test(name), 'another header: this one is set by the check itself')

export const httpSpec = z
  .strictObject({
    host: z
      .string()
      .max(200)
      .refine(fits(labels), 'what stands before the player’s suffix, such as web or api.web')
      .optional()
      .describe(
        'What stands before the suffix of the player’s host names, such as `web`; empty for the suffix itself. Asked through the ingress.',
      ),
    scheme: z.enum(['http', 'https']).default('http'),
    path: z
      .string()
      .max(1000)
      .regex(/^\/[^\s\\]*$/, 'a path that begins with a slash, such as /health')
      .default('/'),
    method: z
      .enum(['GET', 'HEAD', 'POST'])
      .default('GET')
      .describe('Other than GET through the ingress only.'),
    body: z.string().max(8192).optional().describe('What a POST sends, at most 8 KiB.'),
    headers: z
      .record(
        headerName,
        z
          .string()
          .max(1000)
          .refine(fits(/^[\t\x20-\x7e]*$/), 'printable ASCII'),
      )
      .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 headers')
      .default({})
      .describe('Sent with the request, and again after a redirect. Through the ingress only.'),
    service: z
      .string()
      .max(200)
      .refine(fits(serviceName), 'the name of a Service, such as web')
      .optional()
      .describe('A Service of the namespace, asked through the API server; redirects are not followed.'),
    port: z
      .union([z.int().min(1).max(65_535), z.string().refine(fits(/^[a-z0-9-]{1,15}$/), 'a port’s name')])
      .optional()
      .describe('Number or name of the Service’s port.'),
    environment: z
      .string()
      .max(40)
      .optional()
      .describe('Such as `staging`; the player’s own namespace when not said.'),
    seconds: z
      .int()
      .min(1)
      .max(20)
      .default(10)
      .describe('What an answer through the ingress may take, redirects and body together.'),
    follow: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('Redirects that are followed; never out of the player’s suffix.'),
  })
  .superRefine((spec, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (spec.body !== undefined && spec.method !== 'POST') fault('body', 'only a POST has a body')
    if (spec.service === undefined) {
      if (spec.host === undefined) fault('host', 'say a host, or a service with its port')
      if (spec.port !== undefined) fault('port', 'belongs to a service')
      return
    }
    if (spec.host !== undefined) fault('host', 'say a host or a service, not both')
    if (spec.port === undefined) fault('port', 'say which port of the service')
    if (spec.method !== 'GET') fault('method', 'a service is asked by GET')
    if (spec.follow > 0) fault('follow', 'redirects are followed through the ingress only')
    if (Object.keys(spec.headers).length > 0) fault('headers', 'are sent through the ingress only')
  })
export type HttpSpec = z.output<typeof httpSpec>

const text = z.string()

export const httpFacts = z.object({
  reached: z.boolean().describe('An answer came, be it the ingress controller’s own 404, 502 or 503.'),
  trouble: text.describe(
    'Why none came: `service` (there is no such Service, or it has no endpoints of any kind), `silent` (connected, then nothing in time), `malformed` (no HTTP, or headers longer than 32 KiB); empty where one came.',
  ),
  heard: z
    .object({ en: text, fr: text })
    .describe('What came, in words: such as `status 404`, or why no answer did.'),
  url: text.describe('What was asked for last, after redirects.'),
  status: z.int().describe('0 where no answer came.'),
  headers: z
    .record(text, text)
    .describe('By name in lower case; at most 64, and 2 000 characters of each. Several cookies are lines.'),
  text: text.describe(
    'The first 64 KiB of the body as text (UTF-16 where its byte order mark says so, else UTF-8); empty where it is compressed.',
  ),
  json: z.unknown().describe('The body parsed, null where it is no JSON.'),
  complete: z
    .boolean()
    .describe('The body ended, in time and within 64 KiB; else `text` is how it begins, and `json` null.'),
  redirects: z.array(text).describe('Where the redirects led that were followed, in order.'),
  strayed: text.describe('Where a redirect led that leaves the player’s suffix; empty where none did.'),
  tls: z
    .object({
      issuer: text.describe('Such as `O=Village, CN=Village CA`.'),
      names: z.array(text).describe('Host names and addresses that the certificate is made out to.'),
      covers: z.boolean().describe('It is made out to the host that was asked for.'),
      validFrom: text.describe('RFC 3339.'),
      validTo: text.describe('RFC 3339.'),
      daysLeft: z.int().describe('Whole days until it expires, negative once it has.'),
      trusted: z
        .boolean()
        .describe('Made out to the host, valid now, and vouched for by a public authority.'),
      problem: text.describe('Why it is not trusted, such as DEPTH_ZERO_SELF_SIGNED_CERT; else empty.'),
    })
    .nullable()
    .describe('Of the last connection; null without TLS.'),
  milliseconds: z.int().describe('From the first connection to the end of what was read.'),
})
export type HttpFacts = z.output<typeof httpFacts>

export type Trouble = 'service' | 'silent' | 'malformed'

const silence: Readonly<Record<Trouble, HttpFacts['heard']>> = {
  service: {
    en: 'no answer: there is no such Service, or no pod behind it',
    fr: 'pas de réponse : ce Service n’existe pas, ou aucun pod n’est derrière',
  },
  silent: { en: 'no answer in time', fr: 'pas de réponse à temps' },
  malformed: { en: 'an answer that is no HTTP', fr: 'une réponse qui n’est pas du HTTP' },
}

/** What is seen where no answer comes. */
export function nothingCame(url: string, trouble: Trouble): HttpFacts {
  return {
    reached: false,
    trouble,
    heard: silence[trouble],
    url,
    status: 0,
    headers: {},
    text: '',
    json: null,
    complete: false,
    redirects: [],
    strayed: '',
    tls: null,
    milliseconds: 0,
  }
}
