-- What a player was given on a cluster. One row says what there should be; the cluster is made to follow it.
create table workspaces (
  player_id bigint primary key references players,
  -- Names the namespaces, also while those of a player who left are being deleted.
  slug text not null unique,
  budget text not null,
  environments text[] not null default '{}',
  -- Kept after deletion: a new workspace goes to the same place while there is room.
  cluster text,
  state text not null default 'requested' check (
    state in ('requested', 'waiting', 'creating', 'probing', 'ready', 'expiring', 'deleting', 'gone', 'failed')),
  -- Where a failed one goes on.
  step text check (step in ('creating', 'probing', 'deleting')),
  reason text,
  attempt int not null default 1 check (attempt >= 1),
  -- Counts every change: whoever changes says which state of the row they saw.
  version int not null default 1,
  -- When somebody has to look again; null where nothing happens by itself.
  next_at timestamptz default now(),
  -- Deletion leads to a new one.
  again boolean not null default false,
  -- Namespaces that are done, for the page that fills step by step.
  done text[] not null default '{}',
  probes jsonb not null default '[]',
  requested_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  ready_at timestamptz,
  expires_at timestamptz,
  check ((state = 'failed') = (step is not null)),
  check (state not in ('creating', 'probing', 'ready', 'expiring', 'deleting', 'failed') or cluster is not null),
  check (state not in ('ready', 'expiring') or expires_at is not null)
);
create index on workspaces (next_at) where next_at is not null;
create index on workspaces (requested_at) where state = 'waiting';

-- What a cluster showed of a player's work when it was last looked at: the same again makes no new submission.
create table glances (
  player_id bigint not null references players on delete cascade,
  challenge_id text not null references challenges,
  facts_hash bytea not null check (length(facts_hash) = 32),
  at timestamptz not null default now(),
  primary key (player_id, challenge_id)
);

alter table submissions drop constraint submissions_trigger_check;
alter table submissions add constraint submissions_trigger_check
  check (trigger in ('push', 'button', 'api', 'cluster'));
