-- Fails: every member has an email address, the authors of this change believed.

alter table library.members
  add constraint members_email_check
  check (email like '%@%');

alter table library.members alter column email set not null;

create unique index members_email on library.members (email);
