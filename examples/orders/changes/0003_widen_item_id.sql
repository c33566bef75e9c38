-- An integer ends at 2,147,483,647. Rewrites the table and its indexes; the identity's sequence is widened with it.
alter table items alter column id type bigint;
