/** What tests do in the database of the rich plan, and how they look at it from outside. */
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';

export const RICH_PLAN = join(__dirname, 'plans', 'rich');

/** Runs SQL on one side and gives the rows. */
export type Ask = <Row extends QueryResultRow>(sql: string) => Promise<Row[]>;

/** What an application may do beyond what the workload does; may be done again. */
const EVERY_KIND_OF_WRITE = `
  truncate tagesliste;
  insert into tagesliste (eintrag) values ('nach dem Leeren'), ('und noch einer');
  -- a long value that is not sent again, a label with quotes, a new key
  update kunde set zustand = 'größtenteils "heil"', marken = marken || array['ö'] where id <= 20;
  update "größe & maß".beleg set code = code || ' neu' where code like 'Saat 1%';
  -- from one partition to another, and back
  update messung set ort = case ort when 'Süd' then 'West' else 'Süd' end where "Schlüssel" like 'Saat 1%';
  update messung set tag = tag + 366 where "Schlüssel" like 'Saat 2%';
  delete from messung where "Schlüssel" like 'Saat 3%';
  -- one of two rows that are equal
  delete from "größe & maß"."Protokoll ""1"""
   where ctid in (select min(ctid) from "größe & maß"."Protokoll ""1""" where "Schlüssel" like 'Saat _' group by "Schlüssel" having count(*) > 1);
  update "größe & maß"."Protokoll ""1""" set wert = null where "Schlüssel" like 'Saat 4_';
  update "Lager".breit set "Spalte 800" = coalesce("Spalte 800", 0) + 8, "Spalte 1600" = null where id <= 10;
  insert into "Lager".breit (id, "Spalte 3") select max(id) + 1, 3 from "Lager".breit;
  update "Lager".inventar set "Stück" = -"Stück" where id <= 10;
  delete from "Lager".inventar where id = (select max(id) from "Lager".inventar);
  -- a child table through the table it inherits from
  update "Lager"."Gerät" set name = name || ' *' where id in (1, 11);
  delete from "Lager"."Leihgerät" where id = (select max(id) from "Lager"."Leihgerät");
  insert into "größe & maß".allerlei (id, ort, orte, zeitraum, dauer, roh, bits, zahl, felder, adresse, "json", zeichen)
  select gen_random_uuid(), ort, orte, zeitraum, dauer, roh, bits, zahl, felder, adresse, "json", zeichen from "größe & maß".allerlei;
  update "größe & maß".allerlei set zahl = 'infinity', ort.fach = E'\\\n', zeitraum = '[0044-03-15 BC,)' where id::text like '%1';
  insert into "größe & maß".leer (bemerkung) values ('kurz');
  delete from "größe & maß".leer`;

export async function writeEveryKind(asApplication: Ask): Promise<void> {
  await asApplication(EVERY_KIND_OF_WRITE);
}

/** Everything but the workload's rows, over blue's columns, which both sides have. */
const CONTENT = `
  select name, count(*)::integer as rows, md5(string_agg(content, E'\\n' order by content)) as digest
    from (
      select 'kunde' as name,
             row(id, "Name", zustand, erfasst, merkmale, marken, notiz, "Namenslänge")::text as content, "Name" as key from kunde
      union all select 'Bestellung', t::text, "Schlüssel" from "Lager"."Bestellung" t
      union all select tableoid::regclass::text, t::text, "Schlüssel" from messung t
      union all select 'Protokoll', t::text, "Schlüssel" from "größe & maß"."Protokoll ""1""" t
      union all select 'beleg', t::text, code from "größe & maß".beleg t
      union all select 'leer', t::text, '' from "größe & maß".leer t
      union all select 'tagesliste', t::text, '' from tagesliste t
      union all select 'Bewegung', t::text, '' from "Lager"."Bewegung" t
      union all select tableoid::regclass::text, t::text, '' from "Lager"."Gerät" t
      union all select 'Leihgerät', t::text, '' from "Lager"."Leihgerät" t
      union all select 'allerlei', t::text, '' from "größe & maß".allerlei t
      union all select 'inventar', t::text, '' from "Lager".inventar t
      union all select 'breit', t::text, '' from "Lager".breit t
    ) as everything
   where key not like 'w%-%-%'
   group by name order by name`;

export interface TableContent {
  readonly name: string;
  readonly rows: number;
  readonly digest: string;
}

export function contentOf(ask: Ask): Promise<TableContent[]> {
  return ask<TableContent>(CONTENT);
}

export interface HandedOut {
  /** As SQL writes it. */
  readonly sequence: string;
  readonly descending: boolean;
  readonly value: number;
}

const nextValues = (count: number) => `
  select format('%I.%I', schemaname, sequencename) as sequence, increment_by < 0 as descending,
         (array(select nextval(format('%I.%I', schemaname, sequencename)) from generate_series(1, ${count})))[${count}]::float8 as value
    from pg_sequences where schemaname <> 'bluegreen' order by 1`;

/** Takes so many values of every sequence that a copy made before does not know of them; gives the last of each. */
export function handOutNumbers(ask: Ask): Promise<HandedOut[]> {
  return ask<HandedOut>(nextValues(100));
}

/** Every sequence of `before` whose next value is not beyond the last one handed out elsewhere. */
export async function numbersHandedOutAgain(before: readonly HandedOut[], ask: Ask): Promise<string[]> {
  const next = new Map((await ask<HandedOut>(nextValues(1))).map(({ sequence, value }) => [sequence, value]));
  return before
    .filter(({ sequence, descending, value }) => {
      const found = next.get(sequence) ?? Number.NaN;
      return descending ? !(found < value) : !(found > value);
    })
    .map(({ sequence, value }) => `${sequence}: ${next.get(sequence)} after ${value}`);
}
