-- Fails: every member has an email address, the authors of this change believed.

update library.members
set email = lower(email)
where email <> lower(email);

alter table library.members alter column email set not null;

create unique index members_email on library.members (email);
