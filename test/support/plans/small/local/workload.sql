-- write: an account named by the key and a note that belongs to it, in one transaction
insert into account (name) values ($1);
insert into "Mixed Case" (account_id, key, note) select id, $1, $2::int4::text from account where name = $1;
-- update: another note
update "Mixed Case" set note = $2::int4::text where key = $1;
-- delete: both rows
with gone as (delete from "Mixed Case" where key = $1 returning account_id)
delete from account where id in (select account_id from gone);
-- read: every key written this way, from whichever of the two rows is there
select coalesce(entry.key, owner.name) as key,
       entry.note::int4 as value,
       entry.key is not null and owner.name is not null as complete
from (select * from "Mixed Case" where key <> 'seed') as entry
full join (select * from account where name like 'w%-%-%') as owner on owner.id = entry.account_id;
