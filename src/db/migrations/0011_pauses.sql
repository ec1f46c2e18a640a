-- Pauses that are over: what was seen on a cluster or in the registry during one counts from its end.
create table pauses (
  from_at timestamptz primary key,
  until_at timestamptz not null check (until_at >= from_at)
);
