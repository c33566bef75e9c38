-- write: a customer buys one to three things and pays at once; $1 is the payment's reference, $2 chooses who and what
with customer as (
  select id, country
  from customers
  where id >= 1 + $2::int4 % 40000
  order by id
  limit 1
), basket as (
  select line,
         'SKU-' || lpad(product::text, 4, '0') as sku,
         1 + product % 3 as quantity,
         (3 + product % 97 + 0.01 * (product % 89))::numeric(10, 2) as unit_price
  from (
    select line, ($2::int4 / 7 + line * 131) % 2000 as product
    from generate_series(1, 1 + $2::int4 % 3) as line
  ) as choice
), placed as (
  insert into orders (customer_id, status, total, shipping_address)
  select customer.id,
         'paid',
         (select sum(quantity * unit_price) from basket),
         jsonb_build_object('city', 'Berlin', 'country', customer.country)
  from customer
  returning id, total
), bought as (
  insert into items (order_id, line, sku, quantity, unit_price)
  select placed.id, line, sku, quantity, unit_price
  from placed, basket
)
insert into payments (order_id, reference, method, amount)
select id, $1::text, 'card', total
from placed;

-- read: the reference of every payment made this way; those of the seed start with PAY-
select reference
from payments
where reference like 'w%';
