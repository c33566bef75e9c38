-- An order costs what its items cost, and what was charged for is what was paid.
select orders.id, orders.status, orders.total, bought.amount as bought, paid.amount as paid
from orders
left join (select order_id, sum(quantity * unit_price) as amount from items group by order_id) as bought
  on bought.order_id = orders.id
left join (select order_id, sum(amount) as amount from payments group by order_id) as paid
  on paid.order_id = orders.id
where orders.total is distinct from bought.amount
   or (orders.status in ('paid', 'shipped', 'returned') and orders.total is distinct from paid.amount)
   or (orders.status in ('placed', 'cancelled') and paid.amount is not null);
