import type { ReplicatedColumn, ReplicatedTable } from '../../../lib/engines/postgres/replication/replicated-table';
import type { DepartingChange, Departure } from '../../../lib/engines/postgres/way-back/departures';
import { obstacleInWords, wayBackOf } from '../../../lib/engines/postgres/way-back/way-back';

function column(name: string, number: number, facts: Partial<ReplicatedColumn> = {}): ReplicatedColumn {
  return { name, number, type: 'text', notNull: false, filled: false, generated: false, ...facts };
}

function table(name: string, facts: Partial<ReplicatedTable> = {}): ReplicatedTable {
  return {
    id: `id of ${name}`,
    kind: 'table',
    schema: 'app',
    name,
    partition: false,
    ancestors: [],
    identity: 'default',
    columns: [column('id', 1, { notNull: true }), column('note', 2)],
    rules: [{ name: `${name}_pkey`, definition: 'unique btree (id)', columns: ['id'], key: 'primary' }],
    ...facts,
  };
}

/** One change per list, in files called 1.sql, 2.sql … */
function changesOf(lists: readonly (readonly Departure[])[]): DepartingChange[] {
  return lists.map((departures, index) => ({ file: `${index + 1}.sql`, kind: 'expand', departures }));
}

const orders = table('orders');
const after = (blue: readonly ReplicatedTable[], ...lists: Departure[][]) => wayBackOf(blue, blue, changesOf(lists));
const told = (blue: readonly ReplicatedTable[], ...lists: Departure[][]) =>
  after(blue, ...lists).obstacles.map(({ table, column, file }) => `${table}${column ? `.${column}` : ''} ${file}`);

const renamed = (name: string, to: string, of = 'orders'): Departure => ({
  kind: 'column-renamed',
  table: of,
  name,
  to,
});

it('without changes everything flows back, in lists of columns', () => {
  expect(after([orders, table('complete', { identity: 'full', rules: [] })])).toEqual({
    obstacles: [],
    conditions: [],
    tables: [
      { schema: 'app', name: 'orders', columns: ['id', 'note'] },
      { schema: 'app', name: 'complete' },
    ],
  });
});

it('generated columns of blue are not published', () => {
  const computed = table('orders', { columns: [...orders.columns, column('sum', 3, { generated: true })] });
  expect(after([computed]).tables).toEqual([{ schema: 'app', name: 'orders', columns: ['id', 'note'] }]);
});

it('every obstacle is told with the change it comes from', () => {
  const changes: Departure[][] = [
    [{ kind: 'column-added', table: 'orders', column: column('x', 9) }],
    [renamed('note', 'remark')],
    [{ kind: 'table-renamed', table: 'items', to: 'things' }],
  ];
  expect(told([orders, table('items')], ...changes)).toEqual(['app.orders.note 2.sql', 'app.items 3.sql']);
});

it('what green has already is told without a change', () => {
  const green = table('orders', { columns: [column('id', 1), column('remark', 2)] });
  expect(wayBackOf([orders], [green], changesOf([[renamed('id', 'key')]])).obstacles).toEqual([
    { table: 'app.orders', column: 'id', why: expect.stringContaining('"key"'), file: '1.sql' },
    { table: 'app.orders', column: 'note', why: expect.stringContaining('"remark"') },
  ]);
});

it('is said in one line', () => {
  const [obstacle] = after([orders], [renamed('note', 'remark')]).obstacles;
  expect(obstacle && obstacleInWords(obstacle)).toBe(
    'app.orders.note is called "remark" on green, and replication finds columns by name: what is written there does not reach blue; add "remark" beside it, and drop the old column in a later plan (changes/1.sql)',
  );
});

it('a name without schema is looked for in every schema, one with schema there only', () => {
  const tables = [orders, table('orders', { schema: 'archive', id: 'another' })];
  const dropped = { kind: 'column-renamed', table: 'orders', name: 'note', to: 'remark' } as const;
  expect(told(tables, [dropped])).toEqual(['app.orders.note 1.sql', 'archive.orders.note 1.sql']);
  expect(told(tables, [{ ...dropped, schema: 'archive' }])).toEqual(['archive.orders.note 1.sql']);
});

it('follows a table and a column through several names', () => {
  const toAndFro: Departure[][] = [[renamed('note', 'remark')], [renamed('remark', 'note')]];
  expect(told([orders], ...toAndFro)).toEqual([]);
  const away: Departure[] = [{ kind: 'table-renamed', table: 'orders', to: 'purchases' }];
  const home: Departure[] = [{ kind: 'table-renamed', table: 'purchases', to: 'orders' }];
  expect(told([orders], [...away, renamed('note', 'remark', 'purchases'), ...home])).toEqual(['app.orders.note 1.sql']);
});

it('a column that is dropped and made again flows back', () => {
  const blue = table('orders', { columns: [...orders.columns, column('code', 3, { notNull: true })] });
  const dropped = { kind: 'column-dropped', table: 'orders', name: 'code' } as const;
  const added = { kind: 'column-added', table: 'orders', column: column('code', 0, { notNull: true }) } as const;
  expect(told([blue], [dropped])).toEqual(['app.orders.code 1.sql']);
  expect(after([blue], [dropped], [added])).toMatchObject({
    obstacles: [],
    conditions: [{ table: 'app.orders', column: 'code', file: '2.sql' }],
    tables: [{ columns: ['id', 'note', 'code'] }],
  });
});

it('a dropped column with a default flows back unless blue finds rows by it', () => {
  const key = column('id', 1, { notNull: true, filled: true });
  const blue = table('orders', { columns: [key, column('note', 2, { notNull: true, filled: true })] });
  expect(told([blue], [{ kind: 'column-dropped', table: 'orders', name: 'note' }])).toEqual([]);
  const [obstacle] = after([blue], [{ kind: 'column-dropped', table: 'orders', name: 'id' }]).obstacles;
  expect(obstacle).toEqual({
    table: 'app.orders',
    column: 'id',
    why: 'belongs to the key by which blue finds rows, and green does not send it; keep it until a later plan',
    file: '1.sql',
  });
});

it('what is done to a partitioned table is done to its partitions, but for its name', () => {
  const ancestors = [{ schema: 'app', name: 'events' }];
  const parent = table('events', { kind: 'partitioned table' });
  const part = table('events_1', { partition: true, ancestors });
  expect(told([parent, part], [renamed('note', 'remark', 'events')])).toEqual(['app.events_1.note 1.sql']);
  expect(told([parent, part], [{ kind: 'table-renamed', table: 'events', to: 'happenings' }])).toEqual([]);
  const keyDropped = { kind: 'constraint-dropped', table: 'events', name: 'events_pkey' } as const;
  expect(told([parent, part], [keyDropped])).toEqual(['app.events_1 1.sql']);
  const keyAdded = { kind: 'key-added', table: 'events', key: 'primary', columns: ['id'] } as const;
  expect(told([parent, part], [keyDropped], [keyAdded])).toEqual([]);
});

it('a partition that green made anew under the same name takes the rows of the former one', () => {
  const ancestors = [{ schema: 'app', name: 'events' }];
  const parent = table('events', { kind: 'partitioned table' });
  const part = table('events_1', { partition: true, ancestors });
  const anew = { ...part, id: 'another' };
  expect(wayBackOf([parent, part], [parent, anew]).obstacles).toEqual([]);
  expect(wayBackOf([parent, part], [parent, { ...anew, name: 'events_2' }]).obstacles).toEqual([
    { table: 'app.events_2', why: expect.stringContaining('is a partition of app.events that blue does not have') },
  ]);
});

it('statements about what is not there, or is there already, change nothing', () => {
  const changes: Departure[][] = [
    [
      { kind: 'column-dropped', table: 'elsewhere', name: 'id' },
      { kind: 'column-dropped', table: 'orders', name: 'nothing' },
      { kind: 'column-added', table: 'orders', column: column('note', 0, { generated: true }) },
      { kind: 'relation-created', relation: 'view', table: 'orders', columns: [] },
      { kind: 'index-dropped', name: 'other_index' },
      { kind: 'constraint-dropped', table: 'items', name: 'orders_pkey' },
    ],
  ];
  expect(after([orders], ...changes)).toEqual(after([orders]));
});

it('what cannot flow back anyway is not put under a condition besides', () => {
  const blue = table('orders', { columns: [...orders.columns, column('code', 3, { notNull: true })] });
  const nullable: Departure[] = [{ kind: 'column-constrained', table: 'orders', name: 'code', notNull: false }];
  expect(after([blue], nullable).conditions).toEqual([
    { table: 'app.orders', column: 'code', why: 'flows back as long as no row has null in it', file: '1.sql' },
  ]);
  expect(after([blue], nullable, [renamed('note', 'remark')]).conditions).toEqual([]);
});
