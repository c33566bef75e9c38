-- Works: a new column without a default, which the old application need not know.
alter table library.loans add column returned_at timestamptz;
