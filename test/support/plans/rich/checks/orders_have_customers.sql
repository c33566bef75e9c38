select "Nummer" from "Lager"."Bestellung" b where not exists (select from kunde k where k.id = b.kunde_id);
