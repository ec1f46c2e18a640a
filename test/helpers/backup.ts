import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Readable, Writable } from 'node:stream'
import { createRepositoryArchive } from '../../src/board/forge/archive.ts'
import { createEmbeddedForge } from '../../src/board/forge/embedded.ts'
import type { StarterHistory } from '../../src/core/history.ts'
import type { Database } from '../../src/db/client.ts'
import { writeBackup } from '../../src/game/upkeep/backup.ts'
import { restoreBackup } from '../../src/game/upkeep/restore.ts'
import { readArchive, writeArchive, type Entry } from '../../src/lib/archive.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { testDatabase } from './postgres.ts'

export const registryKeys = new Map([
  ['registry-1.pem', 'an old key'],
  ['registry-2.pem', 'a key'],
])

/** A server's database and repositories, without the server. `keeps`: false where the repositories lie elsewhere. */
export async function openPlace(context: TestContext, { keeps = true } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'backup-'))
  const root = join(dataDir, 'repositories')
  const database = await testDatabase()
  const forge = await createEmbeddedForge({ root, log })
  context.after(async () => {
    await forge.close()
    await database.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const repositories = createRepositoryArchive(root)
  const archive = keeps ? repositories : null
  const secrets: string[] = []
  const { sql } = database
  return {
    dataDir,
    root,
    forge,
    sql,
    repositories,
    secrets,
    backup: () =>
      collect((target) =>
        writeBackup({ sql, secret: 'f00d'.repeat(16), keys: registryKeys, repositories: archive }, target),
      ),
    restore: (bytes: Buffer) =>
      restoreBackup(
        {
          sql,
          repositories: archive,
          placeSecrets: (secret, keys) => {
            secrets.push(secret, ...[...keys].flat())
            return Promise.resolve()
          },
        },
        Readable.from([bytes]),
      ),
  }
}

async function collect(write: (target: Writable) => Promise<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await write(target)
  return Buffer.concat(chunks)
}

/** Every row of every table, as text, but for the list of migrations, whose times differ. */
export async function everything(sql: Database): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'migrations' order by 1`
  const found: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await sql<{ row: string }[]>`select t::text as row from ${sql(name)} t order by 1`
    found[name] = rows.map(({ row }) => row)
  }
  return found
}

/** Rows in every table, odd characters, deferred references, a row that was deleted, and a left player. */
export async function fillDatabase(sql: Database): Promise<void> {
  await sql.unsafe(`
    insert into challenges (id) values ('torn-map'), ('silent-bell');
    insert into players (slug, name, skeleton) values ('tara', 'Tara', 'tara'), ('pema', E'Pe\\\\ma\\tZ', 'pema'), ('gone', 'Gone', 'gone');
    update players set state = 'left', name = null, skeleton = null, left_at = now() where slug = 'gone';
    insert into leavings (player_id, slug) values (3, 'formerly');
    insert into retired_slugs (hash) values (decode(repeat('ab', 32), 'hex'));
    insert into members (player_id, name, skeleton, email, password_hash, language) values (1, 'Tara', 'tara', null, 'hash', 'fr');
    insert into members (name, skeleton, role) values ('Desk', 'desk', 'organizer');
    insert into tokens (member_id, name, hash) select 1, 'laptop ' || n, decode(lpad(to_hex(n), 64, '0'), 'hex') from generate_series(1, 9) n;
    delete from tokens where id > 5;
    insert into sessions (hash, member_id, data, expires_at) values (decode(repeat('01', 32), 'hex'), 1, '{"flash": "é\\n"}', now());
    insert into keepsakes (session, id, kind, sealed, expires_at)
      select hash, 'a', 'token', '\\x00', now() + interval '10 minutes' from sessions;
    insert into one_time_links (hash, kind, expires_at) values (decode(repeat('02', 32), 'hex'), 'organizer', now());
    insert into repositories (player_id, name) values (1, 'torn-map'), (1, 'silent-bell'), (2, 'torn-map');
    insert into kept_commits (player_id, repository, sha, view) values (1, 'torn-map', repeat('ab', 20), '{"message": "A bell"}');
    insert into pushes (player_id, repository, before) values (1, 'torn-map', '{"head": "refs/heads/main", "refs": {}}');
    insert into parameters values (1, 'torn-map', 'word', '"yak\\\\butter"');
    insert into hints_taken (player_id, challenge_id, number, price) values (1, 'torn-map', 1, 10);
    insert into submissions (player_id, member_id, challenge_id, trigger, status, verdict, finished_at, answer)
      select 1, 1, 'torn-map', 'push', 'done', 'passed', now(), repeat('long answer ', 100) from generate_series(1, 600);
    insert into check_results select id, 0, 'git', '{"en": "Bell"}', 'passed', '[]', '[]' from submissions;
    insert into submissions (player_id, challenge_id, trigger) values (2, 'torn-map', 'button');
    update submissions set status = 'superseded', superseded_by = (select id from submissions where status = 'queued')
      where id = (select min(id::text)::uuid from submissions where status = 'done');
    insert into solves (player_id, challenge_id, submission_id, solved_at, points, hints_cost)
      select 1, 'torn-map', id, now(), 100, 10 from submissions where status = 'done' limit 1;
    update hunt set overrides = '{"name": {"en": "Hidden"}}', registration_code = 'yak';
    insert into announcements (text) values ('{"en": "Tea at four"}');
    insert into events (kind, player_id, subject) select 'solve', 1, 'torn-map' from generate_series(1, 50);
    insert into audit (member_id, action, subject) values (2, 'hide', 'pema');
    insert into idempotency_keys (scope, key, request_hash, body) values ('1', 'k', '\\x00ff', '{"a": null}');
    insert into workspaces (player_id, slug, budget, environments, cluster, state, done, expires_at, probes)
    values (1, 'tara', 'default', '{staging}', 'main', 'ready', '{hunt-tara,hunt-tara-staging}', now(), '[{"ok": true}]');
    insert into glances (player_id, challenge_id, made, turns) values (1, 'torn-map', '{abc}', '{"+- +"}');
    insert into sightings values (1, 'torn-map', 0, null, now(), now());
    insert into pauses values (now() - interval '1 hour', now());
    insert into registry_manifests (player_id, repository, digest, media_type, tags, bytes)
    values (1, 'scroll', 'sha256:ab', 'application/json', '{1.0,latest}', 10);
    insert into registry_blobs (player_id, repository, digest, bytes) values (1, 'scroll', 'sha256:cd', 20);
    insert into registry_use (player_id, bytes, loose) values (1, 30, 0);
    insert into registry_refusals (player_id, repository, why) values (1, 'pema/scroll', 'path');
    insert into starter_images (player_id, challenge_id, laid_at, done) values (1, 'torn-map', now(), '{chest:1.0}');
  `)
}

const person = { name: 'Abhra', email: 'abhra@example.org' }
const date = '2026-01-01T00:00:00Z'

/** One commit with one file, a tag and a note. */
export function smallHistory(content: string): StarterHistory {
  const files = [{ path: 'bell.txt', mode: '100644', content: Buffer.from(content) }] as const
  return {
    commits: [
      { id: 'first', parents: [], author: person, committer: person, date, message: 'A bell', files },
    ],
    branches: { trunk: 'first' },
    head: 'trunk',
    tags: [{ name: 'sealed', at: 'first', message: 'Sealed', tagger: person, date }],
    notes: [{ at: 'first', message: 'Whispered', ref: 'refs/notes/commits', author: person, date }],
  }
}

/** The same archive after `change`, with or without an end that fits it. */
export async function changed(bytes: Buffer, change: (entries: Entry[]) => Entry[]): Promise<Buffer> {
  const entries: Entry[] = []
  for await (const entry of readArchive(Readable.from([bytes]))) entries.push(entry)
  return await collect((target) =>
    writeArchive(target, async (writer) => {
      for (const { name, content } of change(entries)) await writer.add(name, content)
    }),
  )
}
