/** What stands in a `DATABASE_URL`, as libpq reads it. */
export interface DatabaseUrl {
  /** At least one; others stand in for it. */
  places: readonly Place[]
  user: string | null
  password: string | null
  database: string | null
  tls: TlsWish
  /** Of who else can serve: only a server that takes writes, where that is asked for. */
  sessions: 'read-write' | 'primary' | null
  /** Seconds. */
  connectTimeout: number | null
  /** What the session begins with, such as `application_name` and `options`. */
  session: Readonly<Record<string, string>>
}

export interface Place {
  /** A name, an address, or the folder of a socket. */
  host: string
  port: number
}

export interface TlsWish {
  /** `prefer`: where the server offers it. `require`: whoever the server is. `ca`: of a known authority. `full`: and of its name. */
  mode: 'disable' | 'prefer' | 'require' | 'ca' | 'full'
  /** Files in PEM. */
  authority: string | null
  certificate: string | null
  key: string | null
  keyPassword: string | null
}

const modes: Readonly<Record<string, TlsWish['mode']>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'ca',
  'verify-full': 'full',
}

/** They say how a client behaves that this one is not, and change nothing of what it gets. */
const idle =
  /^(keepalives(_idle|_interval|_count)?|tcp_user_timeout|fallback_application_name|krbsrvname|gsslib|gssdelegation|sslcompression|sslsni|ssl_max_protocol_version|sslcertmode)$/

/** Values that ask for nothing, of parameters that could ask for what this server does not do. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  channel_binding: ['disable', 'prefer'],
  client_encoding: ['utf8', 'utf-8', 'auto'],
  gssencmode: ['disable', 'prefer'],
  load_balance_hosts: ['disable'],
  sslnegotiation: ['postgres'],
  ssl_min_protocol_version: ['', 'tlsv1', 'tlsv1.1', 'tlsv1.2'],
}

const known =
  'sslmode, sslrootcert, sslcert, sslkey, channel_binding, application_name, options, target_session_attrs, connect_timeout'

/** The address, or one sentence that says what in it cannot be followed, and holds no secret. */
export function readDatabaseUrl(text: string): DatabaseUrl | { fault: string } {
  const [, login, authority, path = '', query = ''] = shape.exec(text.trim()) ?? []
  if (authority === undefined || /#/.test(text)) return { fault: misshapen }
  try {
    return read({ login, authority, path, query })
  } catch (error) {
    if (error instanceof URIError) return { fault: misshapen }
    throw error
  }
}

// As libpq has it, with several hosts, which no URL of the Web has.
const shape = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i
const misshapen =
  'it is no address of the shape postgres://user:password@host:5432/name, in which a name or a password has its / ? # @ : % written as %2F %3F %23 %40 %3A %25'

interface Parts {
  login: string | undefined
  authority: string
  path: string
  query: string
}

function read({ login = '', authority, path, query }: Parts): DatabaseUrl | { fault: string } {
  const parameters = new Map<string, string>()
  for (const one of query.split('&').filter((one) => one !== '')) {
    const [name = '', ...value] = one.split('=')
    parameters.set(decodeURIComponent(name), decodeURIComponent(value.join('=')))
  }
  const given = (name: string): string | null => {
    const value = parameters.get(name) ?? null
    parameters.delete(name)
    return value
  }
  const places = readPlaces(authority, given)
  if ('fault' in places) return places
  const [name = '', ...rest] = login.split(':')
  const user = given('user') ?? (decodeURIComponent(name) || null)
  const password = given('password') ?? (decodeURIComponent(rest.join(':')) || null)
  const database = given('dbname') ?? (decodeURIComponent(path) || null)
  const tls = readTls(given)
  if ('fault' in tls) return tls
  const session = readSession(given)
  if ('fault' in session) return session
  const fault = leftOver(parameters)
  return fault === null ? { places, user, password, database, tls, ...session } : { fault }
}

function readPlaces(
  authority: string,
  given: (name: string) => string | null,
): readonly Place[] | { fault: string } {
  const written = authority.split(',').map((one) => /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(one))
  const hosts = given('host')?.split(',') ?? written.map((one) => decodeURIComponent(one?.[1] ?? ''))
  const ports = given('port')?.split(',') ?? written.map((one) => one?.[2] ?? '')
  // An address of IPv6 without its brackets is cut at no colon.
  if (written.includes(null) || (ports.length > 1 && ports.length !== hosts.length))
    return { fault: misshapen }
  const places = hosts.map((host, at) => ({
    host: host.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: Number((ports.length === 1 ? ports[0] : ports[at]) || 5432),
  }))
  const isPort = ({ port }: Place) => Number.isInteger(port) && port > 0 && port < 65_536
  return places.every(isPort) ? places : { fault: misshapen }
}

function readSession(
  given: (name: string) => string | null,
): Pick<DatabaseUrl, 'sessions' | 'connectTimeout' | 'session'> | { fault: string } {
  const target = given('target_session_attrs') ?? 'any'
  const sessions = target === 'read-write' || target === 'primary' ? target : null
  if (sessions === null && !['any', 'prefer-standby'].includes(target))
    return {
      fault: `target_session_attrs=${short(target)} asks for a server that takes no writes: take it out`,
    }
  const seconds = given('connect_timeout')
  if (seconds !== null && !/^\d{1,4}$/.test(seconds))
    return { fault: `connect_timeout=${short(seconds)} is no number of seconds` }
  const session: Record<string, string> = {}
  for (const name of ['application_name', 'options']) {
    const value = given(name)
    if (value !== null && value !== '') session[name] = value
  }
  return { sessions, connectTimeout: Number(seconds) || null, session }
}

function leftOver(parameters: ReadonlyMap<string, string>): string | null {
  for (const [name, value] of parameters)
    if (!idle.test(name) && !harmless[name]?.includes(value.toLowerCase()))
      return `the parameter ${short(name)}=${short(value)} is not followed here: take it out (${known} are)`
  return null
}

function readTls(given: (name: string) => string | null): TlsWish | { fault: string } {
  // As drivers of other languages write it, and libpq reads it.
  const asked = given('ssl') === 'true' ? 'require' : given('sslmode')
  const authority = given('sslrootcert')
  const binding = given('channel_binding')
  let mode = asked === null ? 'prefer' : modes[asked]
  if (mode === undefined)
    return { fault: `sslmode=${short(asked ?? '')} is none of ${Object.keys(modes).join(', ')}` }
  if (authority === 'system') {
    if (asked !== null && mode !== 'full')
      return { fault: 'sslrootcert=system goes with sslmode=verify-full only' }
    mode = 'full'
  }
  // As libpq does: an authority that is named is asked.
  if (mode === 'require' && authority !== null) mode = 'ca'
  if (binding !== null && !['disable', 'prefer', 'require'].includes(binding))
    return { fault: `channel_binding=${short(binding)} is none of disable, prefer, require` }
  if (binding === 'require') {
    if (mode === 'disable' || asked === null)
      return { fault: 'channel_binding=require needs TLS: add sslmode=require' }
    // The driver binds no channel; that nobody stands in between is then shown by the certificate and its name.
    mode = 'full'
  }
  return {
    mode,
    authority: authority === 'system' ? null : authority,
    certificate: given('sslcert'),
    key: given('sslkey'),
    keyPassword: given('sslpassword'),
  }
}

/** Of what an operator wrote, on one line. */
function short(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 40)
}
