-- write: an entry with the key
insert into entry (account_id, key, amount) values (1 + $2::int4 % 200000, $1, $2)
-- update: another amount for it
update entry set amount = $2 where key = $1
-- delete: it was a mistake
delete from entry where key = $1
-- read: every key written this way, and the last amount
select key, amount as value from entry where key is not null
