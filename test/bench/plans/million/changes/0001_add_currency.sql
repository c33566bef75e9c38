alter table account add column currency text not null default 'EUR';
