-- 6,000,000 rows in two tables, of the types that take longest to compare.
create table payment (id bigint primary key, amount numeric(12, 2) not null, payer text not null, paid_at timestamptz not null);
create table reading (id bigint primary key, facts jsonb not null, value double precision not null);
insert into payment
select n, (n % 100000) / 7.0, 'customer number ' || n, timestamptz '2024-01-01 00:00+00' + n * interval '1 second' from generate_series(1, 3000000) as n;
insert into reading
select n, jsonb_build_object('sku', 'S' || n % 1000, 'n', n, 'tags', array['x', 'y']), sqrt(n) from generate_series(1, 3000000) as n;
grant select, insert, update, delete on all tables in schema public to app;
