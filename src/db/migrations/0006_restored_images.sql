-- The row comes out of a backup: of its images only those are laid that the registry does not hold.
alter table starter_images add column restored boolean not null default false;
