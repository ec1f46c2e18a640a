-- Looks that saw nothing for a reason of ours, counted by themselves: pending ones and those of a process that died are none.
alter table submissions add column unclear int not null default 0 check (unclear >= 0);

-- What may trigger a submission is listed in the code alone, which is the only writer.
alter table submissions drop constraint submissions_trigger_check;
alter table submissions add constraint submissions_trigger_check check (trigger ~ '^[a-z]{1,20}$');
