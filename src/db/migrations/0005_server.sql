-- What this server is called on clusters, where another may run the same hunt; null until it is first asked for.
alter table hunt add column server text;
