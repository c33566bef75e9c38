import { MovedSequences } from '../../../lib/engines/postgres/counters/moved-sequences';
import { PostgresFixture } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

const SEED = `
  create sequence plain; select nextval('plain') from generate_series(1, 10);
  create sequence ahead; select nextval('ahead') from generate_series(1, 10);
  create sequence untouched;
  create sequence down increment by -1; select nextval('down') from generate_series(1, 10);
  create sequence round increment by 1 maxvalue 5 cycle; select nextval('round') from generate_series(1, 3);
  create sequence big start 9007199254740993; select nextval('big');
  create sequence first; select nextval('first');
  create schema "S'q"; create sequence "S'q"."Q ""uote"; select nextval('"S''q"."Q ""uote"') from generate_series(1, 7);
  create table t (id bigint generated always as identity); insert into t select from generate_series(1, 4);
  create sequence set; select nextval('set') from generate_series(1, 9); select setval('set', 501, false);
  create sequence restarted increment by 10; select nextval('restarted'); alter sequence restarted restart with 301;
  create sequence half as smallint; select setval('half', 16767);
  create sequence tight as smallint; select setval('tight', 32760);
  create sequence below start 100; select setval('below', 1, false);
  create sequence changed; select nextval('changed') from generate_series(1, 20);
  create sequence cached cache 50; select nextval('cached');
  create sequence gone; select nextval('gone');`;
/** Made by RDS itself, and not for the run to read. */
const CLOSED = `create schema closed; create sequence closed.counter; select nextval('closed.counter')`;

it('sequences that are behind are moved up, none ever backwards', async () => {
  const blue = await fixture.database(SEED);
  await blue.query(CLOSED, 'rdsadmin');
  const green = await fixture.database(`
    create sequence plain; create sequence ahead; select setval('ahead', 100);
    create sequence untouched; select nextval('untouched') from generate_series(1, 3);
    create sequence down increment by -1; select nextval('down');
    create sequence round increment by 1 maxvalue 5 cycle; select nextval('round');
    create sequence big start 9007199254740993; create sequence first;
    create schema "S'q"; create sequence "S'q"."Q ""uote"; select nextval('"S''q"."Q ""uote"');
    create sequence set; select nextval('set') from generate_series(1, 5);
    create sequence restarted increment by 10; select nextval('restarted');
    create sequence below start 100; create sequence changed; alter sequence changed restart with 5000; create sequence cached;
    create sequence half as smallint; create sequence tight as smallint;
    create table t (id bigint generated always as identity);`);
  const values = await blue.run().sequences();
  expect(values.filter(({ name }) => name === 'untouched')).toEqual([]);
  expect(values.find(({ name }) => name === 'big')).toEqual({
    oid: expect.stringMatching(/^\d+$/),
    schema: 'public',
    name: 'big',
    lastValue: '9007199254740993',
    reserve: '1000',
  });
  expect(Object.fromEntries(values.map(({ name, lastValue, reserve }) => [name, [lastValue, reserve]]))).toMatchObject({
    plain: ['10', '1000'],
    down: ['-10', '-1000'],
    round: ['3', '0'],
    set: ['500', '1000'],
    restarted: ['291', '10000'],
    half: ['16767', '1000'],
    tight: ['32760', '0'],
    cached: ['50', '50000'],
  });
  expect(values.map(({ schema }) => schema)).not.toContain('closed');
  const targets = values.map((value) => ({ ...value, copy: true }));
  await green.run().advanceSequences(targets, []);
  await green.run().advanceSequences(targets, []); // again changes nothing

  const next = (name: string) => green.ask(`select nextval('${name.replaceAll("'", "''")}')::text`);
  expect(await next('plain')).toBe('11');
  expect(await next('ahead')).toBe('101');
  expect(await next('untouched')).toBe('4');
  expect(await next('down')).toBe('-11');
  expect(await next('round')).toBe('4');
  expect(await next('big')).toBe('9007199254740994');
  expect(await next('first')).toBe('2');
  expect(await next('set')).toBe('501');
  expect(await next('restarted')).toBe('301');
  expect(await next('below')).toBe('100');
  expect(await next('changed')).toBe('5000');
  expect(await next(`"S'q"."Q ""uote"`)).toBe('8');
  expect(await green.ask('insert into t default values returning id::text')).toBe('5');
  await blue.close();
  await green.close();
});

it('those that still stand where they did are told apart from all others', async () => {
  const blue = await fixture.database(SEED);
  const before = await blue.run().sequences();
  const sequences = new MovedSequences(blue.session());
  const standing = async () =>
    (await sequences.since({ standing: before, busy: [] })).map(({ name, lastValue }) => [name, lastValue]).sort();
  const uncalled = [
    ['below', '0'],
    ['restarted', '291'],
    ['set', '500'],
  ];
  expect(await standing()).toEqual(uncalled); // the server does not say whether they do
  await blue.query(
    `
    select nextval('plain'); select setval('down', -3); alter sequence ahead restart with 7; select nextval('untouched');
    select setval('set', 600, false); create sequence later start 5; select nextval('later')`,
    'bluegreen',
  );
  expect(await standing()).toEqual([
    ['ahead', '6'],
    uncalled[0],
    ['down', '-3'],
    ['later', '5'],
    ['plain', '11'],
    uncalled[1],
    ['set', '599'],
    ['untouched', '1'],
  ]);
  await blue.close();
});

it('where every sequence was called, one that is used is found among those that are in use anyway', async () => {
  const blue = await fixture.database(
    'create sequence busy; create sequence still; create sequence other; create sequence down increment by -1; select nextval(c.oid) from pg_class c where relkind = $$S$$',
  );
  await blue.query('create schema closed; create sequence closed.theirs', 'rdsadmin'); // nobody’s who may not read it
  const stood = await blue.run().sequences();
  const busy = stood.filter(({ name }) => name === 'busy').map(({ oid }) => oid);
  const sequences = new MovedSequences(blue.session());
  const moved = async (inUse: readonly string[]) =>
    (await sequences.since({ standing: stood, busy: inUse }))
      .map(({ name, lastValue }) => `${name} ${lastValue}`)
      .sort();
  await sequences.prepare();
  expect(await moved([])).toEqual([]);
  await blue.query(`select nextval('busy')`, 'bluegreen');
  expect(await moved([])).toEqual(['busy 2']);
  expect(await moved(busy)).toEqual([]);
  await blue.query(`select setval('still', 9), nextval('down')`, 'bluegreen');
  expect(await moved(busy)).toEqual(['down -2', 'still 9']);
  await blue.query('drop sequence still; create sequence later; select nextval($$later$$)', 'bluegreen');
  expect(await moved(busy)).toEqual(['down -2', 'later 1']);
  await blue.close();
});

it('nothing to move is nothing to do', async () => {
  const green = await fixture.database();
  await expect(green.run().advanceSequences([], [])).resolves.toBeUndefined();
  expect(await green.run().sequences()).toEqual([]);
  await green.close();
});
