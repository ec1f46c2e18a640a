-- Images that a challenge handed a player below their path in the registry, or is handing.
create table starter_images (
  player_id bigint not null references players on delete cascade,
  challenge_id text not null references challenges,
  -- null until all of them lie there.
  laid_at timestamptz,
  -- Names of those that do: what a player pushed since must outlast another try.
  done text[] not null default '{}',
  -- Somebody lays them, until then at the longest.
  busy_until timestamptz,
  -- Grows with every try, so that who looks meanwhile can tell.
  round integer not null default 1,
  -- Of tries that failed one after the other, and when the next one is due.
  failed integer not null default 0,
  again_at timestamptz not null default now(),
  primary key (player_id, challenge_id)
);
