-- The parts of a name give the full name again, without a letter lost.
select id, full_name, first_name, last_name
from customers
where full_name is distinct from concat_ws(' ', first_name, last_name);
