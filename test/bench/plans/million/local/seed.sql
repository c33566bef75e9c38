-- 1,000,000 rows: accounts that exist, and entries the writers add to.
create table account (
  id bigint generated always as identity primary key,
  name text not null,
  balance numeric(12, 2) not null default 0,
  opened_at timestamptz not null default now()
);
create table entry (
  id bigint generated always as identity primary key,
  account_id bigint not null,
  key text,
  amount integer not null,
  note text
);
insert into account (name, balance, opened_at)
select 'account ' || n, n % 1000, timestamptz '2024-01-01 00:00+00' + n * interval '1 minute' from generate_series(1, 200000) as n;
insert into entry (account_id, amount, note)
select 1 + n % 200000, n % 500, 'entry number ' || n from generate_series(1, 800000) as n;
create unique index entry_key on entry (key);
grant select, insert, update, delete on all tables in schema public to app;
