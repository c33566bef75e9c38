-- write: a customer buys one to three things and pays at once; $1 is the payment's reference, $2 chooses who and what,
-- and is kept as the order's note
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
  insert into orders (customer_id, status, total, shipping_address, note)
  select customer.id,
         'paid',
         (select sum(quantity * unit_price) from basket),
         jsonb_build_object('city', 'Berlin', 'country', customer.country),
         $2::int4::text
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

-- update: the customer wants another number of the first thing, so that order, items and payment change together
update items
set quantity = 1 + $2::int4 % 5
where line = 1 and order_id = (select order_id from payments where reference = $1::text);

update orders
set note = $2::int4::text,
    total = (select sum(quantity * unit_price) from items where items.order_id = orders.id)
where id = (select order_id from payments where reference = $1::text);

update payments
set amount = (select total from orders where orders.id = payments.order_id)
where reference = $1::text;

-- delete: the order never was: payment, items and order go together
with refunded as (
  delete from payments
  where reference = $1::text
  returning order_id
), returned as (
  delete from items
  where order_id in (select order_id from refunded)
)
delete from orders
where id in (select order_id from refunded);

-- read: the reference of every payment made this way (those of the seed start with PAY-), the number kept with it, and
-- whether its order and items are all there
select payments.reference,
       orders.note::int4 as value,
       orders.total = payments.amount and orders.total = bought.amount as complete
from payments
left join orders on orders.id = payments.order_id
left join lateral (
  select sum(quantity * unit_price) as amount
  from items
  where items.order_id = payments.order_id
) as bought on true
where payments.reference like 'w%';
