-- What makes a submission unasked is told apart by what somebody made, and by how findings turned: a hash of everything that was to be
-- seen moved with every status. Of what was kept so far neither can be told: the next look judges once more.
delete from glances;
alter table glances
  drop column facts_hash,
  -- Hashes of what was made, one for each check; none: the next look takes what is there as seen.
  add column made text[] not null,
  -- How the findings stood since then.
  add column turns text[] not null default '{}';
