create index "Mixed Case key" on "Mixed Case" (key);
alter table "Mixed Case" alter column id type bigint;
