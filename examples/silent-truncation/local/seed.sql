-- A help desk: 2,000 customers, 20,000 tickets. One summary in a thousand is longer than 60 characters.
-- Runs once, on an empty database, as its owner. The role "app" exists already; its password is not our business.

create schema helpdesk;

create table helpdesk.customers (
  id   integer generated always as identity primary key,
  name text not null
);

create table helpdesk.tickets (
  id          bigint generated always as identity primary key,
  customer_id integer not null references helpdesk.customers,
  reference   text not null,
  summary     text not null,
  opened_at   timestamptz not null default now()
);

create index tickets_reference on helpdesk.tickets (reference);

insert into helpdesk.customers (name)
select case when n % 400 = 0 then 'Zoë ' else 'Customer ' end || n from generate_series(1, 2000) as n;

insert into helpdesk.tickets (customer_id, reference, summary, opened_at)
select 1 + n % 2000,
       'T-' || n,
       case when n % 1000 = 0 then 'The printer on the third floor prints every page twice since Monday (' || n || ')'
            else 'Question ' || n end,
       timestamptz '2025-01-01 08:00+00' + n * interval '7 minutes'
from generate_series(1, 20000) as n;

grant usage on schema helpdesk to app;
grant select, insert, update, delete on all tables in schema helpdesk to app;
