-- Since when a player's work on the cluster or in the registry stands as it passes a check: what is read live counts from the first look
-- that saw it so, whichever submission or glance it belonged to.
create table sightings (
  player_id bigint not null references players on delete cascade,
  challenge_id text not null references challenges,
  -- Of the check in its challenge.
  position int not null check (position >= 0),
  -- Of the check, and of what was made, as it passed; null where the newest look saw it not pass.
  state bytea check (length(state) = 32),
  since timestamptz not null,
  looked_at timestamptz not null,
  primary key (player_id, challenge_id, position)
);

alter table submissions
  -- A passed one counts from here: the receipt of what was sent, or the first look at what is read live, whichever is later.
  add column counts_from timestamptz,
  -- What is still under way, and until when it may be.
  add column waits_for jsonb,
  add column waits_until timestamptz;
