-- When the row came, by the database's clock: what must not depend on the clocks of servers is measured by it.
alter table submissions add column inserted_at timestamptz not null default clock_timestamp();
update submissions set inserted_at = least(received_at, now());
