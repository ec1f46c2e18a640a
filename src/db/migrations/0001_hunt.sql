-- Challenges are files; this table gives their ids a home that foreign keys can point at.
create table challenges (
  id text primary key check (id ~ '^[a-z][a-z0-9-]{0,39}$'),
  first_seen_at timestamptz not null default now()
);

-- Who plays and scores: one or more members.
create table players (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z][a-z0-9]{1,19}$'),
  name text check (char_length(name) between 2 and 32),
  skeleton text unique,
  state text not null default 'active' check (state in ('active', 'left')),
  hidden boolean not null default false,
  created_at timestamptz not null default now(),
  left_at timestamptz,
  check ((state = 'left') = (name is null)),
  check ((name is null) = (skeleton is null)),
  check ((state = 'left') = (left_at is not null))
);

-- Slugs of those who left, as keyed hashes: never given out again, and not readable as names.
create table retired_slugs (
  hash bytea primary key check (length(hash) = 32)
);

-- A person: credentials, identities, language. An organizer who does not play has no player.
create table members (
  id bigint generated always as identity primary key,
  player_id bigint references players,
  name text not null,
  skeleton text not null unique,
  email text,
  password_hash text,
  language text not null default 'en' check (language in ('en', 'fr')),
  role text not null default 'player' check (role in ('player', 'organizer')),
  created_at timestamptz not null default now(),
  check (player_id is not null or role = 'organizer')
);
create index on members (player_id);

create table tokens (
  id bigint generated always as identity primary key,
  member_id bigint not null references members on delete cascade,
  name text not null check (char_length(name) between 1 and 60),
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index on tokens (member_id);

create table sessions (
  hash bytea primary key check (length(hash) = 32),
  member_id bigint references members on delete cascade,
  data jsonb not null,
  expires_at timestamptz not null
);
create index on sessions (expires_at);
create index on sessions (member_id);

-- Links that work once: a forgotten password, the organizer's first visit.
create table one_time_links (
  hash bytea primary key check (length(hash) = 32),
  kind text not null check (kind in ('password', 'organizer')),
  member_id bigint references members on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  check (kind = 'organizer' or member_id is not null)
);

create table repositories (
  player_id bigint not null references players,
  name text not null,
  created_at timestamptz not null default now(),
  reset_at timestamptz,
  primary key (player_id, name)
);

-- A push is known before Git writes anything, so that a crash between the two loses no submission.
create table pushes (
  id bigint generated always as identity primary key,
  player_id bigint not null,
  repository text not null,
  received_at timestamptz not null default now(),
  before jsonb not null,
  done_at timestamptz,
  foreign key (player_id, repository) references repositories
);
create index on pushes (id) where done_at is null;

create table parameters (
  player_id bigint not null references players,
  challenge_id text not null references challenges,
  name text not null,
  value jsonb not null,
  primary key (player_id, challenge_id, name)
);

create table hints_taken (
  player_id bigint not null references players,
  challenge_id text not null references challenges,
  number int not null check (number >= 1),
  price int not null check (price >= 0),
  taken_at timestamptz not null default now(),
  primary key (player_id, challenge_id, number)
);

create table submissions (
  id uuid primary key default gen_random_uuid(),
  player_id bigint not null references players,
  member_id bigint references members on delete set null,
  challenge_id text not null references challenges,
  trigger text not null check (trigger in ('push', 'button', 'api')),
  -- Time counts from when we received it, not from when we got to it.
  received_at timestamptz not null default now(),
  status text not null default 'queued' check (status in ('queued', 'running', 'waiting', 'done', 'superseded')),
  attempt int not null default 1 check (attempt >= 1),
  retry_at timestamptz,
  -- The process that runs it: the key of an advisory lock that dies with the process.
  worker int,
  superseded_by uuid references submissions deferrable initially deferred,
  answer text,
  -- The refs at the moment it was received, by repository: what is judged, whatever is pushed later.
  snapshots jsonb not null default '{}',
  verdict text check (verdict in ('passed', 'failed', 'inconclusive')),
  started_at timestamptz,
  finished_at timestamptz,
  check ((status = 'superseded') = (superseded_by is not null)),
  check (status <> 'done' or (verdict is not null and finished_at is not null))
);
create unique index submissions_one_pending on submissions (player_id, challenge_id, trigger) where status = 'queued';
create index on submissions (player_id, received_at desc, id);
create index on submissions (received_at desc, id);
create index on submissions (received_at) where status in ('queued', 'running', 'waiting');

create table check_results (
  submission_id uuid not null references submissions on delete cascade,
  position int not null,
  kind text not null,
  name jsonb not null,
  verdict text not null check (verdict in ('passed', 'failed', 'inconclusive')),
  findings jsonb not null,
  evidence jsonb not null,
  primary key (submission_id, position)
);

-- The first passed verdict of a player on a challenge; the only thing that scores.
create table solves (
  player_id bigint not null references players,
  challenge_id text not null references challenges,
  submission_id uuid not null unique references submissions,
  solved_at timestamptz not null,
  points int not null check (points >= 0),
  hints_cost int not null default 0 check (hints_cost >= 0),
  award int not null generated always as (greatest(points - hints_cost, 0)) stored,
  primary key (player_id, challenge_id)
);

-- The desk's overrides of hunt.yaml. One row, whose lock orders changes of the window against solves.
create table hunt (
  id int primary key default 1 check (id = 1),
  overrides jsonb not null default '{}',
  paused_at timestamptz,
  registration_code text
);
insert into hunt default values;

create table announcements (
  id bigint generated always as identity primary key,
  text jsonb not null,
  created_at timestamptz not null default now(),
  withdrawn_at timestamptz
);

-- Whatever a page or a leaderboard must hear of. Written with the change itself; the trigger tells every process.
create table events (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('solve', 'player', 'hunt', 'submission', 'workspace', 'announcement')),
  player_id bigint references players,
  subject text not null,
  created_at timestamptz not null default now()
);
create index on events (player_id, id);
create index on events (created_at);
create function tell_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('event', json_build_object('id', new.id::text, 'kind', new.kind, 'playerId', new.player_id::text, 'subject', new.subject)::text);
  return null;
end $$;
create trigger events_tell after insert on events for each row execute function tell_event();

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  member_id bigint,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
create index on audit (at desc);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();
create trigger audit_no_truncate before truncate on audit for each statement execute function refuse_change();

-- Answers to POSTs that carried an Idempotency-Key, kept for a day.
create table idempotency_keys (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  status int,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
