-- What a player's path in the registry held when it was last read: the budget and the page ask here, not there.
create table registry_manifests (
  player_id bigint not null references players on delete cascade,
  -- Below the player's path.
  repository text not null check (length(repository) <= 255),
  digest text not null check (length(digest) <= 140),
  media_type text not null,
  -- Those that name it now; none where they have moved on.
  tags text[] not null default '{}',
  -- Of its own bytes; what it holds has rows below.
  bytes bigint not null check (bytes >= 0),
  blobs text[] not null default '{}',
  -- Manifests that must stay while it stays: those of an index.
  children text[] not null default '{}',
  -- The manifest that it says something about, such as a signature does.
  subject text,
  pushed_at timestamptz not null default now(),
  primary key (player_id, repository, digest)
);

-- Bytes as the registry counted them, also of what no manifest names (yet, or any more).
create table registry_blobs (
  player_id bigint not null references players on delete cascade,
  repository text not null check (length(repository) <= 255),
  digest text not null check (length(digest) <= 140),
  bytes bigint not null check (bytes >= 0),
  primary key (player_id, repository, digest)
);

-- The sum of both for each player, since every token asks for it.
create table registry_use (
  player_id bigint primary key references players on delete cascade,
  -- What manifests name, shared layers once.
  bytes bigint not null check (bytes >= 0),
  -- What no manifest names; goes when the registry collects its garbage.
  loose bigint not null check (loose >= 0),
  -- There are more repositories or tags than are read.
  crowded boolean not null default false,
  read_at timestamptz not null default now()
);

-- Clients do not show why a push is refused: the page does.
create table registry_refusals (
  player_id bigint not null references players on delete cascade,
  repository text not null check (length(repository) <= 255),
  why text not null check (why in ('path', 'storage')),
  first_at timestamptz not null default now(),
  at timestamptz not null default now(),
  primary key (player_id, repository, why)
);

alter table submissions drop constraint submissions_trigger_check;
alter table submissions add constraint submissions_trigger_check
  check (trigger in ('push', 'button', 'api', 'cluster', 'image'));
