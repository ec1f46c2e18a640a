-- The last thing that the game did to a workspace unasked: what, at, items. Its player is told.
alter table workspaces add column notice jsonb;
