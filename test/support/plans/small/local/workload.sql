-- write: a note with the key
insert into "Mixed Case" (account_id, key) values (1 + $2::int4 % 500, $1)
-- read: every key written this way
select key from "Mixed Case" where key <> 'seed'
