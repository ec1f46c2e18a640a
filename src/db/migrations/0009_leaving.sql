-- Who left, and what they were handed is still to be taken back. The slug is kept for that alone, and goes with the row.
create table leavings (
  player_id bigint primary key references players,
  slug text not null,
  left_at timestamptz not null default now(),
  -- Of tries in which something was in the way, one after the other.
  tries int not null default 0,
  next_at timestamptz not null default now()
);
create index on leavings (next_at);

-- The audit log speaks of players by number: nothing of it can be taken back when somebody leaves. Slugs of those who have
-- left already lead to no row any more.
alter table audit disable trigger audit_append_only;
update audit a set subject = 'player ' || p.id || case when m[2] is null then '' else ': ' || m[2] end
  from (select id, regexp_match(subject, '^(?:player )?([a-z][a-z0-9]{1,19})(?:/(.*))?$') as m from audit) s, players p
  where s.id = a.id and p.slug = m[1] and (m[2] is not null or a.subject like 'player %');
update audit set subject = regexp_replace(subject, '^player [a-z][a-z0-9]{1,19}$', 'a player who left')
  where subject ~ '^player [a-z]';
update audit set subject = regexp_replace(subject, '^[a-z][a-z0-9]{1,19}/', 'a player who left: ')
  where subject ~ '^[a-z][a-z0-9]{1,19}/';
-- Names of images are the player's words.
update audit set detail = detail - 'repository' where action = 'image-deleted';
alter table audit enable trigger audit_append_only;

-- What else told of those who left before.
update submissions s set answer = null, snapshots = '{}', waits_for = null from players p where p.id = s.player_id and p.state = 'left';
update submissions s set status = 'done', verdict = 'inconclusive', finished_at = now(), retry_at = null, worker = null
  from players p where p.id = s.player_id and p.state = 'left' and s.status in ('queued', 'running', 'waiting');
update check_results r set findings = '[]',
    evidence = coalesce((select jsonb_agg(one - 'where') from jsonb_array_elements(r.evidence) one), '[]')
  from submissions s, players p where s.id = r.submission_id and p.id = s.player_id and p.state = 'left';
delete from sightings g using players p where p.id = g.player_id and p.state = 'left';
delete from pushes u using players p where p.id = u.player_id and p.state = 'left';
delete from events e using players p where p.id = e.player_id and p.state = 'left';
-- Rows of workspaces know under which name there may still be something.
insert into leavings (player_id, slug)
  select w.player_id, w.slug from workspaces w join players p on p.id = w.player_id where p.state = 'left';
