-- Every order so far was paid in euros. The default lets the old application go on without knowing the column.
alter table orders add column currency text not null default 'EUR';
alter table orders add constraint orders_currency_check check (currency ~ '^[A-Z]{3}$');
