-- A small shop: 40,000 customers, 100,000 orders, 236,365 items and 82,500 payments.
-- Runs once, on an empty database, as its owner. The role "app" exists already; its password is not our business.
-- Repeatable: the same rows every time, and no date depends on today.

select setseed(0.42);

create type order_status as enum ('placed', 'paid', 'shipped', 'cancelled', 'returned');

create table customers (
  id          bigint generated always as identity,
  full_name   text not null,
  email       text not null,
  country     text not null,
  preferences jsonb not null default '{}',
  created_at  timestamptz not null default now()
);

create table orders (
  id               bigint generated always as identity,
  customer_id      bigint not null,
  status           order_status not null default 'placed',
  total            numeric(12, 2) not null,
  shipping_address jsonb not null,
  note             text,
  placed_at        timestamptz not null default now(),
  updated_at       timestamptz not null default now()
);

-- The id is an integer, as it was when the shop was small: 0003 widens it.
create table items (
  id         integer generated always as identity,
  order_id   bigint not null,
  line       smallint not null,
  sku        text not null,
  quantity   integer not null,
  unit_price numeric(10, 2) not null,
  gift       boolean not null default false
);

-- The reference comes from the payment provider. Nothing here stops it from coming twice.
create table payments (
  id        bigint generated always as identity,
  order_id  bigint not null,
  reference text not null,
  method    text not null,
  amount    numeric(12, 2) not null,
  paid_at   timestamptz not null default now()
);

-- Names of one, two and more parts, with letters beyond ASCII.
insert into customers (full_name, email, country, preferences, created_at)
select case
         when n % 211 = 0 then surname
         when n % 17 = 0 then given || ' ' || (array['María', 'de la', 'van der', 'J.', 'Anne'])[1 + n / 17 % 5] || ' ' || surname
         else given || ' ' || surname
       end,
       'customer' || n || '@example.com',
       (array['DE', 'FR', 'US', 'US', 'GB', 'ES', 'JP', 'BR'])[1 + floor(8 * random() ^ 1.5)::int],
       case
         when random() < 0.3 then '{}'
         else jsonb_build_object(
           'newsletter', random() < 0.4,
           'language', (array['de', 'en', 'es', 'fr', 'ja'])[1 + n % 5],
           'channels', to_jsonb((array['email', 'sms', 'post'])[1:n % 4]))
       end,
       timestamptz '2019-03-01 08:00+00' + n * interval '63 minutes' + random() * interval '1 hour'
from (
  select n,
         (array['Ada', 'Björn', 'Carmen', 'Dmitri', 'Élodie', 'Farid', 'Grace', 'Hanna', 'Ibrahim', 'José', 'Kaito',
                'Linnéa', 'Mehmet', 'Nora', 'Olu', 'Priya'])[1 + floor(16 * random())::int] as given,
         (array['Andersson', 'Brandt', 'Costa', 'Dubois', 'Eriksen', 'Fischer', 'García', 'Hopper', 'Ito', 'Jensen',
                'Kowalski', 'Lovelace', 'Müller', 'Nguyen', 'O''Neill', 'Peña', 'Quispe', 'Rossi', 'Sørensen',
                'Tanaka'])[1 + floor(20 * random())::int] as surname
  from generate_series(1, 40000) as n
) as person;

-- What each order consists of, drawn once: the totals below are the sums of these lines. Few skus sell most.
create temporary table drawn as
select order_number,
       line,
       'SKU-' || lpad(product::text, 4, '0') as sku,
       1 + floor(4 * random() ^ 3)::int as quantity,
       (3 + product % 97 + 0.01 * (product % 89))::numeric(10, 2) as unit_price,
       random() < 0.05 as gift
from (
  select order_number, line, floor(2000 * random() ^ 2)::int as product
  from generate_series(1, 100000) as order_number,
       lateral generate_series(1, 1 + (order_number * 7919::bigint % 11 / 3)::int) as line
) as choice;

-- The busiest customers are the oldest ones, and business grows: later days have more orders.
insert into orders (customer_id, status, total, shipping_address, note, placed_at, updated_at)
select 1 + floor(40000 * random() ^ 2)::bigint,
       (array['paid', 'shipped', 'shipped', 'shipped', 'shipped', 'paid', 'placed', 'cancelled', 'shipped', 'returned'])
         [1 + order_number % 10]::order_status,
       total,
       jsonb_build_object(
         'street', 'Street ' || order_number % 300,
         'city', (array['Berlin', 'Lyon', 'Austin', 'Leeds', 'Sevilla', '大阪', 'São Paulo'])[1 + order_number % 7],
         'zip', lpad((order_number * 37 % 99999)::text, 5, '0')),
       case when order_number % 23 = 0 then 'Please ring twice; the dog is "friendly".' end,
       placed_at,
       placed_at + (order_number % 72) * interval '1 hour'
from (
  select order_number,
         sum(quantity * unit_price) as total,
         timestamptz '2024-01-01 00:00+00' + sqrt(order_number / 100000.0) * interval '730 days' as placed_at
  from drawn
  group by order_number
) as basket
order by order_number;

insert into items (order_id, line, sku, quantity, unit_price, gift)
select order_number, line, sku, quantity, unit_price, gift
from drawn
order by order_number, line;

drop table drawn;

-- One order in forty was paid in two parts.
insert into payments (order_id, reference, method, amount, paid_at)
select id,
       'PAY-' || id || '-' || part,
       (array['card', 'card', 'card', 'transfer', 'wallet'])[1 + id % 5],
       case
         when id % 40 <> 0 then total
         when part = 1 then round(total / 3, 2)
         else total - round(total / 3, 2)
       end,
       placed_at + part * interval '90 seconds'
from orders,
     lateral generate_series(1, case when id % 40 = 0 then 2 else 1 end) as part
where status in ('paid', 'shipped', 'returned')
order by id, part;

-- Keys and indexes after the rows, as a restored dump does it: seconds instead of minutes.
alter table customers
  add primary key (id),
  add constraint customers_email_key unique (email);
alter table orders
  add primary key (id),
  add constraint orders_total_check check (total >= 0),
  add constraint orders_customer_id_fkey foreign key (customer_id) references customers;
alter table items
  add primary key (id),
  add constraint items_quantity_check check (quantity > 0),
  add constraint items_order_id_fkey foreign key (order_id) references orders on delete cascade;
alter table payments
  add primary key (id),
  add constraint payments_order_id_fkey foreign key (order_id) references orders;

create index orders_customer_id on orders (customer_id, placed_at);
create index orders_open on orders (placed_at) where status = 'placed';
create unique index items_order_line on items (order_id, line);
create index payments_order_id on payments (order_id);
create index payments_reference on payments (reference);

create view customer_revenue as
select customers.id, customers.full_name, customers.country, count(*) as orders, sum(orders.total) as revenue
from customers
join orders on orders.customer_id = customers.id
where orders.status <> 'cancelled'
group by customers.id;

create function touch_order() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger orders_touch before update on orders for each row execute function touch_order();

grant select, insert, update, delete on all tables in schema public to app;
alter default privileges in schema public grant select, insert, update, delete on tables to app;

analyze customers, orders, items, payments;
