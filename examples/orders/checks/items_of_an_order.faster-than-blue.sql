-- The page of an order asks for this. 0003 rewrites the table and its indexes: none of them may be missing afterwards.
select line, sku, quantity, unit_price
from items
where order_id = 4711
order by line;
