-- A lending library: 3,000 members, 6,000 loans. One member in fifty never gave an email address.
-- Runs once, on an empty database, as its owner. The role "app" exists already; its password is not our business.

create schema library;

create table library.members (
  id        integer generated always as identity primary key,
  name      text not null,
  email     text,
  joined_on date not null default current_date
);

create table library.loans (
  id        bigint generated always as identity primary key,
  member_id integer not null references library.members,
  book      text not null,
  receipt   text not null,
  lent_at   timestamptz not null default now()
);

create index loans_member_id on library.loans (member_id);
create index loans_receipt on library.loans (receipt);

insert into library.members (name, email, joined_on)
select 'Member ' || n,
       case when n % 50 <> 0 then 'Member' || n || '@Example.com' end,
       date '2020-01-01' + n % 2000
from generate_series(1, 3000) as n;

insert into library.loans (member_id, book, receipt, lent_at)
select 1 + n * 7 % 3000,
       'Book ' || n % 400,
       'R-' || n,
       timestamptz '2025-01-01 09:00+00' + n * interval '17 minutes'
from generate_series(1, 6000) as n;

grant usage on schema library to app;
grant select, insert, update, delete on all tables in schema library to app;

analyze library.members, library.loans;
