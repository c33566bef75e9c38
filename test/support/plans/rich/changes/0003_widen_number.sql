alter table "Lager"."Bestellung" alter column "Nummer" type bigint;
alter sequence "Lager"."Bestellung_Nummer_seq" as bigint;
