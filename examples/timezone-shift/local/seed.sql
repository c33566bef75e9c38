-- A weather station: 20,000 readings, in UTC, in a database whose time zone is another one.
-- Runs once, on an empty database, as its owner. The role "app" exists already; its password is not our business.

alter database station set timezone = 'America/New_York';

create schema station;

create table station.readings (
  id       bigint generated always as identity primary key,
  sensor   text not null,
  celsius  numeric(5, 2) not null,
  taken_at timestamp not null default (now() at time zone 'UTC')
);

create index readings_sensor on station.readings (sensor);

insert into station.readings (sensor, celsius, taken_at)
select 'S-' || n % 20, n % 40 - 9.5, timestamp '2025-01-01 00:00' + n * interval '5 minutes'
from generate_series(1, 20000) as n;

grant usage on schema station to app;
grant select, insert, update, delete on all tables in schema station to app;
