import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { configurationTable } from '../src/cli/config.ts'
import { options, printable, readConfig, variableOf } from '../src/config.ts'
import { Fault } from '../src/lib/errors.ts'
import { packageRoot } from '../src/lib/root.ts'

function folder(context: TestContext, files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'config-'))
  context.after(() => rmSync(path, { recursive: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return path
}

function faultsOf(environment: Record<string, string>, place: string): string[] {
  try {
    readConfig(environment, place)
  } catch (error) {
    assert.ok(error instanceof Fault)
    return error.message.split('\n').slice(1)
  }
  return []
}

test('a server starts without any setting', (context) => {
  const config = readConfig({}, folder(context))
  assert.equal(config.port, 8080)
  assert.equal(config.databaseUrl, undefined)
  assert.equal(config.dotenv, null)
})

test('everything that is wrong is said at once, each with its name and an example', (context) => {
  const faults = faultsOf(
    {
      PORT: 'eighty',
      BASE_URL: 'ftp://x',
      DATABASE_URL: 'mysql://x',
      LOG_LEVEL: 'loud',
      MASTER_SECRET: 'short',
    },
    folder(context),
  )
  assert.equal(faults.length, 5)
  for (const name of ['PORT', 'BASE_URL', 'DATABASE_URL', 'LOG_LEVEL', 'MASTER_SECRET'])
    assert.ok(
      faults.some((fault) => new RegExp(`^ +${name}: .+Example: ${name}=.+`).test(fault)),
      `nothing about ${name} in ${faults.join('\n')}`,
    )
})

test('every example that is given is itself accepted', (context) => {
  const place = folder(context)
  for (const [key, { example }] of Object.entries(options))
    if (key !== 'masterSecret') assert.deepEqual(faultsOf({ [variableOf(key)]: example }, place), [])
})

test('a secret may come from a file, whose last line end does not count', (context) => {
  const place = folder(context, { secret: `${'s'.repeat(40)}\n` })
  assert.equal(readConfig({ MASTER_SECRET_FILE: join(place, 'secret') }, place).masterSecret, 's'.repeat(40))
})

test('a secret that is set twice, or whose file is missing, is a fault', (context) => {
  const place = folder(context, { secret: 's'.repeat(40) })
  const twice = { MASTER_SECRET: 'x'.repeat(40), MASTER_SECRET_FILE: join(place, 'secret') }
  assert.match(faultsOf(twice, place).join(), /MASTER_SECRET and MASTER_SECRET_FILE are both set/)
  assert.match(
    faultsOf({ MASTER_SECRET_FILE: join(place, 'none') }, place).join(),
    /MASTER_SECRET_FILE: cannot read .*none/,
  )
})

test('.env stands behind the environment', (context) => {
  const place = folder(context, { '.env': 'PORT=1111\nLOG_LEVEL=debug\n' })
  const config = readConfig({ PORT: '2222' }, place)
  assert.equal(config.port, 2222)
  assert.equal(config.logLevel, 'debug')
  assert.equal(config.dotenv, join(place, '.env'))
})

test('what is printed names no secret', (context) => {
  const secrets = {
    MASTER_SECRET: 'm'.repeat(40),
    DATABASE_URL: 'postgres://hunt:hidden@db/hunt',
    REGISTRATION_CODE: 'yak-butter',
  }
  const shown = printable(readConfig(secrets, folder(context)))
  assert.doesNotMatch(JSON.stringify(shown), /mmmm|hidden|yak/)
  assert.equal(shown['MASTER_SECRET'], '********')
  assert.equal(shown['PORT'], '8080')
})

test('settings in force cannot be changed', (context) => {
  const config = readConfig({}, folder(context)) as { port: number }
  assert.throws(() => (config.port = 1), TypeError)
})

test('docs/configuration.md shows the settings that there are', async () => {
  const text = await readFile(join(packageRoot(), 'docs', 'configuration.md'), 'utf8')
  const [, table] = /<!-- settings -->\n\n([\s\S]*?)\n<!-- end of settings -->/.exec(text) ?? []
  assert.equal(
    table,
    configurationTable(),
    'write what "bin/shambhala config --markdown" prints between the markers',
  )
})

test('a public address with more than a host is refused in a sentence that says what is too much', (context) => {
  const place = folder(context)
  const said = (BASE_URL: string) => faultsOf({ BASE_URL }, place).join()
  for (const good of [
    'https://hunt.example.org',
    'https://hunt.example.org/',
    'http://[::1]:8080',
    'http://10.0.0.1:81',
  ])
    assert.equal(said(good), '', good)
  assert.equal(readConfig({ BASE_URL: 'http://[::1]:8080/' }, place).baseUrl, 'http://[::1]:8080')
  for (const [bad, says] of [
    ['https://example.org/hunt', /below a path such as \/hunt/],
    ['https://example.org/?a=b', /nothing after a \?/],
    ['https://example.org/#top', /nothing after/],
    ['https://tara:secret-word@example.org', /a name or a password/],
    ['example.org', /Invalid URL/],
    ['ftp://example.org', /Invalid URL/],
  ] as const) {
    assert.match(said(bad), says)
    assert.doesNotMatch(said(bad), /secret-word/)
  }
})

test('what hosted PostgreSQL puts behind its address is followed, or refused in a sentence', (context) => {
  const place = folder(context)
  const said = (query: string) =>
    faultsOf({ DATABASE_URL: `postgres://a:hidden@db.example.org/hunt?${query}` }, place)
  for (const good of [
    'sslmode=require&channel_binding=require',
    'sslmode=verify-full&sslrootcert=system',
    'sslmode=verify-ca&sslrootcert=/etc/ca.pem&sslcert=/etc/c.pem&sslkey=/etc/k.pem',
    'options=endpoint%3Dyak-123&application_name=hunt&target_session_attrs=read-write',
    'target_session_attrs=any&keepalives_idle=30&connect_timeout=10&gssencmode=prefer',
  ])
    assert.deepEqual(said(good), [], good)
  for (const [bad, says] of [
    ['sslmode=always', /sslmode=always is none of/],
    ['channel_binding=require', /add sslmode=require/],
    ['channel_binding=maybe&sslmode=require', /channel_binding=maybe/],
    ['sslmode=require&sslrootcert=system', /verify-full only/],
    ['target_session_attrs=read-only', /takes no writes/],
    ['target_session_attrs=moon', /target_session_attrs=moon/],
    ['pgbouncer=true', /pgbouncer=true is not followed here/],
    ['connect_timeout=soon', /no number of seconds/],
    ['gssencmode=require', /gssencmode=require/],
  ] as const) {
    const faults = said(bad)
    assert.equal(faults.length, 1)
    assert.match(faults[0] ?? '', says)
    assert.doesNotMatch(faults[0] ?? '', /hidden/)
  }
})

test('a DATABASE_URL is read as libpq reads it, and one that is none is a sentence that says how to write it', (context) => {
  const place = folder(context)
  const said = (DATABASE_URL: string) => faultsOf({ DATABASE_URL }, place)
  for (const good of [
    'postgresql://a:b@[2001:db8::1]:6432/hunt',
    'postgres://a:p%40s%2Fs%25@db/hunt',
    'postgres://a:b@one:5432,two:5433/hunt?target_session_attrs=primary',
    'postgres:///hunt?host=/run/postgresql',
    'postgres://%2Frun%2Fpostgresql/hunt',
    'postgres://db',
  ])
    assert.deepEqual(said(good), [], good)
  for (const bad of [
    'postgres://a:50%hidden@db/hunt',
    'postgres://a:hid#den@db/hunt',
    'postgres://a:hid/den@db/hunt',
    'postgres://a:hid?den@db/hunt',
    'postgres://db:moon/hunt',
    'postgres://db:0/hunt',
    'postgres://2001:db8::1/hunt',
    'postgres://db/hunt?options=%zz',
    'mysql://db/hunt',
    'host=db dbname=hunt',
  ]) {
    const [fault = '', ...others] = said(bad)
    assert.deepEqual(others, [], bad)
    assert.match(fault, /of the shape postgres:\/\/.*%2F %3F %23 %40/, bad)
    assert.doesNotMatch(fault, /hid/)
  }
})
