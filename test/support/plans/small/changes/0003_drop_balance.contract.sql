alter table account drop column balance;
