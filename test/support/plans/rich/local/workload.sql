-- write: a customer, his order, a measurement, a line of the log and a receipt, in one transaction
insert into kunde ("Name", zustand, merkmale, marken, notiz)
values ($1, 'benutzt', jsonb_build_object('wert', $2::int4), array[$1, 'ß'], repeat(md5($1), 100));
insert into "Lager"."Bestellung" (kunde_id, "Schlüssel", wert, menge, netto)
select id, $1, $2::int4, $2::int4 / 8.0, $2::int4 from kunde where "Name" = $1;
insert into messung (ort, tag, "Schlüssel", wert)
values ((array['Süd', 'Nord', 'Ost'])[1 + $2::int4 % 3], date '2024-06-01' + $2::int4 % 400, $1, $2::int4);
insert into "größe & maß"."Protokoll ""1""" ("Schlüssel", wert) values ($1, $2::int4);
insert into "größe & maß".beleg (code, inhalt, betrag) values ($1, to_jsonb($2::int4), 1.50);
-- update: another value everywhere, by which the measurement moves to another partition, too
update kunde set merkmale = jsonb_build_object('wert', $2::int4) where "Name" = $1;
update "Lager"."Bestellung" set wert = $2::int4, netto = $2::int4 where "Schlüssel" = $1;
update messung
set ort = (array['Süd', 'Nord', 'Ost'])[1 + $2::int4 % 3], tag = date '2024-06-01' + $2::int4 % 400, wert = $2::int4
where "Schlüssel" = $1;
update "größe & maß"."Protokoll ""1""" set wert = $2::int4 where "Schlüssel" = $1;
update "größe & maß".beleg set inhalt = to_jsonb($2::int4) where code = $1;
-- delete: all of it
delete from "größe & maß".beleg where code = $1;
delete from "größe & maß"."Protokoll ""1""" where "Schlüssel" = $1;
delete from messung where "Schlüssel" = $1;
with gone as (delete from "Lager"."Bestellung" where "Schlüssel" = $1 returning kunde_id)
delete from kunde where id in (select kunde_id from gone);
-- read: every key written this way, from whichever of the five rows is there
select key,
       ordered.wert as value,
       ordered.wert = measured.wert and ordered.wert = logged.wert and receipt.inhalt = to_jsonb(ordered.wert)
         and customer.merkmale = jsonb_build_object('wert', ordered.wert) and customer.notiz = repeat(md5(key), 100)
         and customer."Namenslänge" = length(key) and ordered.brutto = ordered.netto * 1.19 as complete
from (select *, "Schlüssel" as key from "Lager"."Bestellung") as ordered
full join (select *, "Schlüssel" as key from messung) as measured using (key)
full join (select *, "Schlüssel" as key from "größe & maß"."Protokoll ""1""") as logged using (key)
full join (select *, code as key from "größe & maß".beleg) as receipt using (key)
full join (select *, "Name" as key from kunde) as customer using (key)
where key like 'w%-%-%';
