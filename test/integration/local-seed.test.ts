/** The seed takes what pg_dump writes, also of the newest versions, and says by line what it does not take. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillWithSeed } from '../../lib/local/seed';
import { PostgresFixture, type TestDatabase } from '../support/postgres-fixture';

let fixture: PostgresFixture;
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  database = await fixture.database();
  folder = await mkdtemp(join(tmpdir(), 'seed-'));
  await mkdir(join(folder, 'local'));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

async function fill(seed: string): Promise<void> {
  await writeFile(join(folder, 'local', 'seed.sql'), seed);
  await fillWithSeed(await database.client('bluegreen'), folder);
}

/** In the form pg_dump 18 writes. */
const DUMP = String.raw`--
-- PostgreSQL database dump
--

\restrict hRZ9y3TkVbQ2

-- Dumped from database version 18.1
-- Dumped by pg_dump version 18.1

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

--
-- Name: touch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$ begin perform 'copy x from stdin;'; /* ; \. */ return new; end $_$;

CREATE TABLE public.orders (
    id bigint NOT NULL,
    reference text DEFAULT 'a;\b'::text NOT NULL,
    note text
);

--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.orders (id, reference, note) FROM stdin;
1	semicolon;	\N
2	tab\tand\\backslash	a 'quoted' $$ -- text
3	\\.	Grüße
\.


CREATE TABLE public.empty (id int);
COPY public.empty (id) FROM stdin;
\.


SELECT pg_catalog.setval('public.orders_id_seq', 3, true) WHERE false;
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
GRANT ALL ON TABLE public.orders TO app;

--
-- PostgreSQL database dump complete
--

\unrestrict hRZ9y3TkVbQ2

`.replace("SELECT pg_catalog.setval('public.orders_id_seq', 3, true) WHERE false;\n", '');

describe.each([
  ['as it is', (dump: string) => dump],
  ['with a byte order mark', (dump: string) => `\ufeff${dump}`],
  ['with lines that end as on Windows', (dump: string) => dump.replaceAll('\n', '\r\n')],
])('a dump, %s', (_, written) => {
  it('fills the database', async () => {
    await fill(written(DUMP));
    expect(await database.query('select * from public.orders order by id')).toEqual([
      { id: '1', reference: 'semicolon;', note: null },
      { id: '2', reference: 'tab\tand\\backslash', note: "a 'quoted' $$ -- text" },
      { id: '3', reference: '\\.', note: 'Grüße' },
    ]);
    expect(await database.ask('select count(*)::int from public.empty')).toBe(0);
  });
});

it('rows of any number are copied, also without a statement after them', async () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => `${n}\trow ${n}`);
  await fill(`create table t (id int, note text);\ncopy t from stdin;\n${rows.join('\n')}\n\\.`);
  expect(await database.ask('select count(*)::int from t where note = $$row $$ || id')).toBe(200_000);
});

it('a seed that is no dump is sent as it is, in one message', async () => {
  await fill(
    `/* a /* nested; */ comment; */ create table t (note text); do $do$ begin insert into t values (E'it''s \\'x;\\''); end $do$;
     create function f() returns int begin atomic select 1; end; insert into t select now()::text; insert into t select now()::text`,
  );
  expect(await database.query('select count(*)::int as rows, count(distinct note)::int as notes from t')).toEqual([
    { rows: 3, notes: 2 },
  ]);
});

it.each([
  [
    'select 1;\n\\connect other\n',
    /local\/seed\.sql: line 2: \\connect is a command of psql, .* dump without --create/,
  ],
  ['\\i more.sql', /local\/seed\.sql: line 1: \\i is a command of psql/],
  ['create table t (id int);\ncopy t from stdin;\n1\n', /local\/seed\.sql: line 2: the rows of this COPY have no end/],
  [
    'create table t (id int);\n\ncopy t from stdin;\n1\n2\nthree\n\\.\n',
    /local\/seed\.sql: line 6: invalid input syntax/,
  ],
  [
    'create table t (id int);\ncopy t from stdin;\n1\n\\.\n\nselect nothing;',
    /local\/seed\.sql: line 6: column "nothing"/,
  ],
  ['create table t ();\nalter table t owner to postgres;', /role "postgres" does not exist; create it .* --no-owner/],
])('refuses %j, with the line', async (seed, problem) => {
  await expect(fill(seed)).rejects.toThrow(problem);
});
