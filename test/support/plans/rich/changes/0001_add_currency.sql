alter table kunde add column "Währung" text not null default 'EUR';
