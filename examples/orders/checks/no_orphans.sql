-- Nothing hangs in the air: every item and payment has its order, every order its customer.
select 'item' as kind, items.id
from items
left join orders on orders.id = items.order_id
where orders.id is null
union all
select 'payment', payments.id
from payments
left join orders on orders.id = payments.order_id
where orders.id is null
union all
select 'order', orders.id
from orders
left join customers on customers.id = orders.customer_id
where customers.id is null;
