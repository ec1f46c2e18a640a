-- When there may next be room to free in a repository; null: nothing was pushed since.
alter table repositories add column tidy_at timestamptz;
update repositories set tidy_at = now();

-- What the evidence of old verdicts shows of a commit whose objects took room that the player needs.
create table kept_commits (
  player_id bigint not null references players,
  repository text not null,
  sha text not null,
  view jsonb not null,
  kept_at timestamptz not null default now(),
  primary key (player_id, repository, sha)
);
