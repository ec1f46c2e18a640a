-- What a browser is shown once, and may look at again for some minutes: sealed with a key that only the cookie of its session gives.
create table keepsakes (
  session bytea not null references sessions on delete cascade,
  id text not null,
  kind text not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (session, id)
);
create index on keepsakes (expires_at);
