select id from "Mixed Case" m where not exists (select from account a where a.id = m.account_id);
