import { sentKey, soughtKey } from '../../../lib/engines/postgres/replication/replicated-table';
import { readReplicatedTables } from '../../../lib/engines/postgres/replication/replicated-tables';
import { columnType } from '../../../lib/engines/postgres/way-back/column-type';
import { MAJORS } from '../../support/majors';
import { PostgresFixture } from '../../support/postgres-fixture';

const SEED = `
  create schema "My App";
  create type "My App"."Mood" as enum ('b', 'a');
  create domain counted as int default 1 check (value > 0);
  create table "My App"."Töpfe" (
    gone int, id bigint generated always as identity primary key, serial serial, mood "My App"."Mood" not null, n counted,
    price numeric(10,2) default 0, size varchar(3), doubled int generated always as (serial * 2) stored,
    constraint cheap check (price < 100));
  alter table "My App"."Töpfe" drop column gone;
  create table late (id int primary key deferrable, code text not null, exclude using gist (int4range(id, id + 1) with &&));
  create unique index late_code on late (code) include (id);
  create unique index late_lower on late (lower(code));
  create unique index late_some on late (code) where id > 0;
  alter table late replica identity using index late_code;
  create table complete (a json); alter table complete replica identity full;
  create table mute (id int primary key); alter table mute replica identity nothing;
  create table lost (id int not null); create unique index lost_id on lost (id); alter table lost replica identity using index lost_id; drop index lost_id;
  create table events (day int, id int, primary key (id, day)) partition by range (day);
  create table events_low partition of events for values from (0) to (10) partition by range (id);
  create table events_low_1 partition of events_low for values from (0) to (5);
  create view seen as select * from late;
  create temporary table passing (a int)`;

it.each(MAJORS)('tables of PostgreSQL %i are read as they are replicated', async (major) => {
  const fixture = await PostgresFixture.start({ major });
  try {
    const database = await fixture.database(SEED);
    const tables = await readReplicatedTables(database.session());
    const byName = new Map(tables.map((table) => [table.name, table]));
    const of = (name: string) => byName.get(name) as NonNullable<ReturnType<typeof byName.get>>;
    expect(tables.map(({ schema, name, kind }) => `${schema} ${name} ${kind}`)).toEqual([
      'My App Töpfe table',
      'public complete table',
      'public events partitioned table',
      'public events_low partitioned table',
      'public events_low_1 table',
      'public late table',
      'public lost table',
      'public mute table',
      'public seen view',
    ]);
    const plain = { notNull: false, filled: false, generated: false };
    expect(of('Töpfe')).toEqual({
      id: await database.ask(`select '"My App"."Töpfe"'::regclass::oid::text`),
      kind: 'table',
      schema: 'My App',
      name: 'Töpfe',
      partition: false,
      ancestors: [],
      identity: 'default',
      columns: [
        { ...plain, number: 2, name: 'id', type: 'bigint', content: columnType('bigint'), notNull: true, filled: true },
        {
          ...plain,
          number: 3,
          name: 'serial',
          type: 'integer',
          content: columnType('integer'),
          notNull: true,
          filled: true,
        },
        {
          ...plain,
          number: 4,
          name: 'mood',
          type: '"My App"."Mood"',
          content: columnType('"My App"."Mood"', { enumerated: true }),
          notNull: true,
          enumerated: { schema: 'My App', name: 'Mood', labels: ['b', 'a'] },
        },
        { ...plain, number: 5, name: 'n', type: 'public.counted', content: columnType('integer'), filled: true },
        {
          ...plain,
          number: 6,
          name: 'price',
          type: 'numeric(10,2)',
          content: columnType('numeric(10,2)'),
          filled: true,
        },
        {
          ...plain,
          number: 7,
          name: 'size',
          type: 'character varying(3)',
          content: columnType('character varying(3)'),
        },
        { ...plain, number: 8, name: 'doubled', type: 'integer', content: columnType('integer'), generated: true },
      ],
      rules: expect.any(Array),
    });
    expect(of('Töpfe').rules).toHaveLength(3);
    expect(of('Töpfe').rules).toEqual(
      expect.arrayContaining([
        { name: 'cheap', definition: 'CHECK ((price < (100)::numeric))', columns: ['price'] },
        { name: 'counted_check', definition: 'CHECK ((VALUE > 0))', columns: ['n'] },
        { name: 'Töpfe_pkey', definition: 'unique btree (id)', columns: ['id'], key: 'primary' },
      ]),
    );
    expect(of('late').rules).toHaveLength(5);
    expect(of('late').rules).toEqual(
      expect.arrayContaining([
        { name: 'late_pkey', definition: 'unique btree (id)', columns: ['id'] },
        { name: 'late_code', definition: 'unique btree (code) INCLUDE (id)', columns: ['code'], key: 'unique' },
        { name: 'late_lower', definition: 'unique btree (lower(code))', columns: [] },
        { name: 'late_some', definition: 'unique btree (code) WHERE (id > 0)', columns: ['code'] },
        {
          name: 'late_int4range_excl',
          definition: `EXCLUDE USING gist (int4range(id, (id + 1)) WITH &&)`,
          columns: [],
        },
      ]),
    );
    expect(of('events_low_1')).toMatchObject({
      partition: true,
      ancestors: expect.arrayContaining([
        { schema: 'public', name: 'events' },
        { schema: 'public', name: 'events_low' },
      ]),
      rules: expect.arrayContaining([
        { name: 'partition bounds', definition: 'FOR VALUES FROM (0) TO (5)', columns: [] },
      ]),
    });
    expect(tables.map((table) => [table.name, sentKey(table), soughtKey(table)])).toEqual([
      ['Töpfe', ['id'], ['id']],
      ['complete', ['a'], []],
      ['events', ['id', 'day'], ['id', 'day']],
      ['events_low', ['id', 'day'], ['id', 'day']],
      ['events_low_1', ['id', 'day'], ['id', 'day']],
      ['late', ['code'], ['code']],
      ['lost', [], []],
      ['mute', [], ['id']],
      ['seen', [], []],
    ]);
    await database.close();
  } finally {
    await fixture.close();
  }
});
