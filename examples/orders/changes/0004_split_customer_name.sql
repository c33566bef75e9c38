-- The last word is the last name; who has one name only has no first name.
alter table customers
  add column first_name text,
  add column last_name text;

update customers
set first_name = substring(full_name from '^(.*) [^ ]+$'),
    last_name = substring(full_name from '[^ ]+$');

-- The old application writes the full name, the new one the parts: each finds what it needs.
create function split_customer_name() returns trigger language plpgsql as $$
declare
  parts_written boolean := new.full_name is null;
begin
  if tg_op = 'UPDATE' then
    parts_written := parts_written or (
      new.full_name is not distinct from old.full_name
      and (new.first_name, new.last_name) is distinct from (old.first_name, old.last_name));
  end if;
  if parts_written then
    new.full_name := concat_ws(' ', new.first_name, new.last_name);
  else
    new.first_name := substring(new.full_name from '^(.*) [^ ]+$');
    new.last_name := substring(new.full_name from '[^ ]+$');
  end if;
  return new;
end
$$;

create trigger customers_split_name before insert or update on customers
  for each row execute function split_customer_name();

-- Always: rows that arrive by replication from the old schema need their parts as well.
alter table customers enable always trigger customers_split_name;
