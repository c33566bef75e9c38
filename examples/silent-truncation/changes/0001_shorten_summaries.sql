-- "No summary is longer than that." Some are: they are cut off, and nothing says so. (A cast would do the same, and is refused:
-- what blue writes later is not cut off but refused.)
do $$
begin
  update helpdesk.tickets set summary = left(summary, 60) where length(summary) > 60;
end $$;
alter table helpdesk.tickets
  alter column summary type varchar(60);
