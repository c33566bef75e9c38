-- Nobody but a member borrows a book.
select loans.id, loans.member_id
from library.loans
left join library.members on members.id = loans.member_id
where members.id is null;
