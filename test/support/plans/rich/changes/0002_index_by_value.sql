create index "Bestellung nach Wert" on "Lager"."Bestellung" (wert);
