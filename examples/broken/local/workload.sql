-- write: a member borrows a book; $1 is the receipt, $2 chooses who and what
insert into library.loans (member_id, book, receipt)
values (1 + $2::int4 % 3000, 'Book ' || $2::int4 % 400, $1::text);

-- read: the receipt of every loan made this way; those of the seed start with R-
select receipt
from library.loans
where receipt like 'w%';
