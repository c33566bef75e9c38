-- "No summary is longer than that." Some are: the cast cuts them off and says nothing.
alter table helpdesk.tickets
  alter column summary type varchar(60) using summary::varchar(60);
