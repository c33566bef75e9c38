-- write: a customer opens a ticket; $1 is its reference, $2 chooses the customer
insert into helpdesk.tickets (customer_id, reference, summary)
values (1 + $2::int4 % 2000, $1::text, 'Short question');

-- read: the reference of every ticket opened this way; those of the seed start with T-
select reference
from helpdesk.tickets
where reference like 'w%';
