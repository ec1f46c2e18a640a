import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { config as loadDotenv } from 'dotenv'
import { z } from 'zod'
import { readDatabaseUrl } from './core/database-url.ts'
import { Fault } from './lib/errors.ts'

interface Option<T> {
  schema: z.ZodType<T>
  /** As it would be written in the environment. */
  fallback?: string
  example: string
  about: string
  /** Never printed, and may be given as a file named by `NAME_FILE`. */
  secret?: boolean
}

const option = <T>(value: Option<T>): Option<T> => value
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const address = z
  .url({ protocol: /^https?$/ })
  .check(({ value, issues }) => {
    const fault = URL.canParse(value) ? faultOfAddress(new URL(value)) : null
    if (fault !== null) issues.push({ code: 'custom', message: fault, input: '' })
  })
  .transform((url) => new URL(url).origin)
const databaseUrl = z.string().check(({ value, issues }) => {
  const read = readDatabaseUrl(value)
  if ('fault' in read) issues.push({ code: 'custom', message: read.fault, input: '' })
})
const proxy = z.union([
  z.enum(['true', 'false']).transform((value) => value === 'true'),
  z.string().regex(/^\d+$/).transform(Number),
  z.string().min(1),
])

/** Every setting there is. `docs/configuration.md` is generated from this table. */
export const options = {
  port: option({
    schema: count(0, 65_535),
    fallback: '8080',
    example: '8080',
    about: 'Port that the server listens on.',
  }),
  host: option({
    // In brackets it stands in an address of the Web.
    schema: z
      .string()
      .min(1)
      .transform((host) => host.replace(/^\[(.*)\]$/, '$1')),
    fallback: '::',
    example: '127.0.0.1',
    about:
      'Address that the server listens on; `::` lets the whole network play, over IPv6 and IPv4, `0.0.0.0` over IPv4 alone.',
  }),
  baseUrl: option({
    schema: address.optional(),
    example: 'https://hunt.example.org',
    about:
      'Public address of the hunt. Without it, links use the address by which the visitor reached the server.',
  }),
  trustProxy: option({
    schema: proxy,
    fallback: 'false',
    example: 'loopback',
    about:
      'Which reverse proxies may name the visitor: `true`, a number of hops, or addresses, as in Express’ `trust proxy`.',
  }),
  dataDir: option({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: '.data',
    example: '/var/lib/shambhala',
    about: 'Folder of the embedded database, the repositories and the secrets.',
  }),
  challengesDir: option({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: 'challenges',
    example: '/srv/hunt/challenges',
    about: 'Folder with `hunt.yaml` and the challenges.',
  }),
  boardFile: option({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path))
      .optional(),
    example: '/etc/shambhala/board.yaml',
    about: 'File that names the clusters and the budgets of workspaces. Without it, the hunt has no cluster.',
  }),
  shambhalaTools: option({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path))
      .optional(),
    example: '/opt/shambhala-tools',
    about: 'Folder with programs for `make board`, `prove` and the tests, such as helm, where PATH has none.',
  }),
  databaseUrl: option({
    schema: databaseUrl.optional(),
    example: 'postgres://hunt:secret@db:5432/hunt',
    about: 'PostgreSQL 14 or later. Without it an embedded PostgreSQL runs below `DATA_DIR`.',
    secret: true,
  }),
  masterSecret: option({
    schema: z.string().min(32, 'at least 32 characters').optional(),
    example: '64 random hexadecimal digits',
    about:
      'Secret from which parameters, sessions and form tokens are derived. Without it one is made and kept in `DATA_DIR/secrets`.',
    secret: true,
  }),
  registrationCode: option({
    schema: z.string().min(4).max(100).optional(),
    example: 'yak-butter-tea',
    about: 'Code asked at registration where `hunt.yaml` says `registration: code`.',
    secret: true,
  }),
  metricsToken: option({
    schema: z.string().min(16, 'at least 16 characters').optional(),
    example: 'rAnd0m-text-0f-the-monitoring',
    about:
      'What monitoring sends as `Authorization: Bearer …` to read `/metrics`. Without it they open to this machine alone, and behind a proxy to nobody.',
    secret: true,
  }),
  logLevel: option({
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
    example: 'debug',
    about: 'Least severe level that is logged.',
  }),
  judgeConcurrency: option({
    schema: count(1, 64),
    fallback: '2',
    example: '4',
    about: 'Submissions judged at the same time; slow ones make room for others beside them.',
  }),
  checkSeconds: option({
    schema: count(1, 600),
    fallback: '30',
    example: '60',
    about: 'Deadline of one check, in seconds.',
  }),
  pushWaitSeconds: option({
    schema: count(0, 60),
    fallback: '10',
    example: '5',
    about: 'How long a push waits for its verdict, in seconds; then the terminal gets the page’s address.',
  }),
  sessionDays: option({
    schema: count(1, 365),
    fallback: '30',
    example: '7',
    about: 'Days after which an unused log-in ends.',
  }),
  limitAccountPerMinute: option({
    schema: count(1, 100_000),
    fallback: '10',
    example: '20',
    about:
      'Wrong passwords for one account from one address in a minute. Ten times as many, from wherever, make the account slow to log in.',
  }),
  limitAddressPerMinute: option({
    schema: count(1, 1_000_000),
    fallback: '1000',
    example: '5000',
    about:
      'Log-ins, registrations and wrong tokens from one address in a minute; a whole room may sit behind one address.',
  }),
  limitSubmissionsPerMinute: option({
    schema: count(1, 100_000),
    fallback: '30',
    example: '60',
    about: 'Submissions of one player in a minute, by button or API.',
  }),
  repositoryQuotaMb: option({
    schema: count(1, 100_000),
    fallback: '100',
    example: '250',
    about: 'Disk space of one repository, in MiB.',
  }),
  pushSizeMb: option({
    schema: count(1, 10_000),
    fallback: '20',
    example: '50',
    about: 'Size of one push, in MiB.',
  }),
}

/** The hunt lives at the root of its host, and its address is printed everywhere. */
function faultOfAddress({ username, password, pathname, search, hash }: URL): string | null {
  if (username !== '' || password !== '') return 'it holds a name or a password, which everybody would read'
  if (search !== '' || hash !== '') return 'it ends at the host: nothing after a ? or a #'
  if (!/^\/+$/.test(pathname))
    return `it ends at the host: the hunt cannot live below a path such as ${pathname.slice(0, 60)}`
  return null
}

type Options = typeof options
export type Config = { readonly [K in keyof Options]: Options[K] extends Option<infer T> ? T : never } & {
  /** The working directory's `.env`, when there is one. */
  readonly dotenv: string | null
}

/** `baseUrl` → `BASE_URL`. */
export function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/**
 * Reads settings from the environment, with `.env` of the working directory behind it. Secrets also as `NAME_FILE`.
 * Throws one `Fault` that lists everything that is wrong, each with its name and an example.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Config {
  const dotenv = resolve(folder, '.env')
  const found = existsSync(dotenv)
  const values: Record<string, string | undefined> = {}
  if (found) loadDotenv({ path: dotenv, processEnv: values, quiet: true })
  Object.assign(values, environment)

  const faults: string[] = []
  const config: Record<string, unknown> = { dotenv: found ? dotenv : null }
  for (const [key, entry] of Object.entries<Option<unknown>>(options)) {
    const name = variableOf(key)
    const text = valueOf(name, entry, values, faults)
    const parsed = entry.schema.safeParse(text)
    if (parsed.success) config[key] = parsed.data
    else faults.push(`${name}: ${reason(parsed.error)}. Example: ${name}=${entry.example}`)
  }
  if (faults.length > 0)
    throw new Fault(['The settings need a hand:', ...faults.map((fault) => `  ${fault}`)].join('\n'))
  return Object.freeze(config) as Config
}

function valueOf(
  name: string,
  entry: Option<unknown>,
  values: Record<string, string | undefined>,
  faults: string[],
) {
  const direct = values[name] || undefined
  const file = entry.secret ? values[`${name}_FILE`] || undefined : undefined
  if (direct !== undefined && file !== undefined)
    faults.push(`${name} and ${name}_FILE are both set: keep one`)
  if (file === undefined) return direct ?? entry.fallback
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    faults.push(`${name}_FILE: cannot read ${file}`)
    return entry.fallback
  }
}

function reason(error: z.ZodError): string {
  return [...new Set(error.issues.map((issue) => issue.message))].join('; ')
}

/** What is in force, in the environment's names, secrets masked. */
export function printable(config: Config): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [key, entry] of Object.entries<Option<unknown>>(options)) {
    const value = config[key as keyof Options]
    shown[variableOf(key)] = value === undefined ? '' : entry.secret ? '********' : String(value)
  }
  return shown
}
