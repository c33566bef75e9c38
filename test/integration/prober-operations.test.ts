/** Updates, deletes and transactions of several rows: whatever was acknowledged of them and is not there is noticed. */
import type { Prober } from '../../lib/local/prober/prober';
import type { Workload } from '../../lib/local/prober/workload';
import { ProberFixture } from '../support/prober-fixture';

/** Two rows per write, in two statements; update and delete touch all of them. */
const WORKLOAD: Workload = {
  write: 'insert into entry values ($1, $2); insert into part values ($1, 1), ($1, 2)',
  update: 'update part set touched = touched + 1 where key = $1; update entry set value = $2 where key = $1',
  delete: 'delete from part where key = $1; delete from entry where key = $1',
  read: `select key, value, (select count(*) = 2 from part where part.key = entry.key) as complete from entry`,
};

const ONE_STATEMENT: Workload = {
  write: 'insert into entry values ($1, $2)',
  update: 'update entry set value = $2 where key = $1',
  delete: 'delete from entry where key = $1',
  read: 'select key, value from entry',
};

const FULL_SPEED = { pace: { thinkTimeMs: 0 } };
const NOTHING_WRONG = { lost: 0, lostKeys: [], duplicated: 0, unexpected: 0, unexpectedKeys: [] };

interface Entry {
  key: string;
  value: number;
}

let stage: ProberFixture;

beforeAll(async () => {
  stage = await ProberFixture.start(WORKLOAD);
});

afterAll(() => stage.remove());

beforeEach(() =>
  stage.begin(
    'create table entry (key text, value integer)',
    'create table part (key text, number integer, touched integer default 0)',
    'create index on entry (key)',
    'create index on part (key)',
    'grant select, insert, update, delete on entry, part to app',
  ),
);

afterEach(() => stage.end());

/** Stopped when something was updated and something was deleted, with what was stored some time before. */
async function stopped(
  options: { pace?: { thinkTimeMs: number } } = {},
): Promise<{ prober: Prober; earlier: Entry[] }> {
  const prober = await stage.probe(options);
  await stage.untilMore(prober, 300);
  const earlier = await entries();
  await stage.untilMore(prober, 600);
  await prober.stop();
  return { prober, earlier };
}

function entries(where = 'true'): Promise<Entry[]> {
  return stage.rows<Entry>(`select key, value from entry where ${where} order by key`);
}

async function anyKey(): Promise<string> {
  return (await entries())[0]?.key ?? 'none';
}

describe('the prober', () => {
  it('writes, updates and deletes, mostly writes, and finds nothing wrong where nothing is', async () => {
    const { prober } = await stopped();
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ ...NOTHING_WRONG, refused: 0, unknown: 0 });
    const stored = await entries();
    expect(await stage.sql('select from part')).toBe(2 * stored.length);
    const [{ updates } = { updates: 0 }] = await stage.rows<{ updates: number }>(
      'select sum(touched)::int / 2 as updates from part',
    );
    expect(updates).toBeGreaterThan(20);
    const written = new Map<string, number>();
    for (const { key } of stored) {
      const [, writer = '', sequence] = key.split('-');
      written.set(writer, Math.max(written.get(writer) ?? 0, Number(sequence)));
    }
    const writes = [...written.values()].reduce((sum, count) => sum + count, 0);
    expect(writes - stored.length).toBeGreaterThan(20);
    expect(writes).toBeGreaterThan(verdict.acknowledged / 2);
  });

  it('finds an acknowledged update that is lost: an older value is back', async () => {
    const { prober, earlier } = await stopped();
    const now = new Map((await entries()).map(({ key, value }) => [key, value]));
    const updated = earlier.find(({ key, value }) => now.has(key) && now.get(key) !== value) as Entry;
    await stage.sql(`update entry set value = ${updated.value} where key = '${updated.key}'`);
    expect(await prober.verify()).toMatchObject({
      ...NOTHING_WRONG,
      lost: 1,
      lostKeys: [`${updated.key} (update)`],
    });
  });

  it('finds an acknowledged delete that is lost: the rows are back', async () => {
    const { prober, earlier } = await stopped();
    const now = new Set((await entries()).map(({ key }) => key));
    const { key, value } = earlier.find((entry) => !now.has(entry.key)) as Entry;
    await stage.sql(
      `insert into entry values ('${key}', ${value})`,
      `insert into part values ('${key}', 1), ('${key}', 2)`,
    );
    expect(await prober.verify()).toMatchObject({ ...NOTHING_WRONG, lost: 1, lostKeys: [`${key} (delete)`] });
  });

  it('finds a write of which only a part is stored', async () => {
    const { prober } = await stopped();
    const key = await anyKey();
    await stage.sql(`delete from part where key = '${key}' and number = 2`);
    expect(await prober.verify()).toMatchObject({ ...NOTHING_WRONG, lost: 1, lostKeys: [`${key} (incomplete)`] });
  });

  it('finds every acknowledged row that vanishes, also those it deletes later', async () => {
    const prober = await stage.probe({ workload: ONE_STATEMENT, ...FULL_SPEED });
    await stage.untilMore(prober, 500);
    const vanished = await stage.sql('delete from entry');
    await stage.untilMore(prober, 1_000);
    await prober.stop();
    const { lost, lostKeys } = await prober.verify();
    expect(lost).toBe(vanished);
    expect(lostKeys).toHaveLength(10);
  });

  it('finds a row that had vanished when it was to be changed, although it is there again by the time of the verdict', async () => {
    const prober = await stage.probe({ workload: ONE_STATEMENT, ...FULL_SPEED });
    await stage.untilMore(prober, 300);
    await stage.sql('begin; lock table entry; create table away as select * from entry; truncate entry; commit');
    await stage.untilMore(prober, 1_000);
    await prober.stop();
    await stage.sql('insert into entry select * from away');
    const { lost, lostKeys } = await prober.verify();
    expect(lost).toBeGreaterThan(0);
    expect(lostKeys.filter((key) => !key.endsWith(' (missing when it was to be changed)'))).toEqual([]);
  });

  it('takes a transaction that breaks off before its commit for refused, and nothing of it is stored', async () => {
    await stage.sql("alter table part add constraint no_third check (key <> 'w0-0-3' or number = 1)");
    const prober = await stage.probe();
    await stage.until(prober, ({ acknowledged, refused }) => acknowledged >= 50 && refused >= 1);
    await stage.scratch.as('master', stage.database, async (client) => {
      await client.query('begin; lock table part in access exclusive mode');
      await stage.untilAllWait(4, 'Lock');
      await stage.endSessions();
      await client.query('rollback');
    });
    await stage.untilMore(prober, 50);
    const counts = await prober.stop();
    expect(counts).toMatchObject({ refused: 5, unknown: 0 });
    expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
    expect(await entries("key = 'w0-0-3'")).toEqual([]);
  });

  it('takes a transaction that fails at its commit for refused', async () => {
    await stage.sql(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'too late'; end $$`,
      `create constraint trigger refuse after insert on entry deferrable initially deferred
         for each row when (new.key = 'w0-1-4') execute function refuse()`,
    );
    const prober = await stage.probe();
    await stage.until(prober, ({ acknowledged, refused }) => acknowledged >= 50 && refused === 1);
    expect(await prober.stop()).toMatchObject({ refused: 1, unknown: 0, lastRefusal: 'too late' });
    expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
    await stage.sql('drop trigger refuse on entry', "insert into entry values ('w0-1-4', 1)");
    expect(await prober.verify()).toMatchObject({ lost: 0, unexpected: 1, unexpectedKeys: ['w0-1-4'] });
  });

  it('finds an update that is stored although the server refused it', async () => {
    await stage.sql("create function refuse() returns trigger language plpgsql as $$ begin raise '%', new; end $$");
    await stage.sql('create trigger refuse before update on entry for each row execute function refuse()');
    const prober = await stage.probe();
    const { lastRefusal = '' } = await stage.until(prober, ({ refused }) => refused >= 1);
    await prober.stop();
    expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
    const [, key, value] = /^\((.*),(.*)\)$/.exec((await prober.counts()).lastRefusal ?? lastRefusal) ?? [];
    await stage.sql('drop trigger refuse on entry', `update entry set value = ${value} where key = '${key}'`);
    expect(await prober.verify()).toMatchObject({
      ...NOTHING_WRONG,
      unexpected: 1,
      unexpectedKeys: [`${key} (update)`],
    });
  });

  it.each([
    ['several statements', WORKLOAD],
    ['one statement', ONE_STATEMENT],
  ])('never holds commits of %s against anybody that were made but not answered', async (_, workload) => {
    const prober = await stage.probe({ workload });
    for (let round = 1; round <= 12; round += 1) {
      await stage.untilMore(prober, 40);
      await stage.holdCommits(true);
      await stage.untilAllWait(4, 'IPC');
      await stage.endSessions();
      await stage.until(prober, ({ unknown }) => unknown >= 4 * round);
      await stage.holdCommits(false);
    }
    expect((await prober.stop()).unknown).toBeGreaterThanOrEqual(48);
    expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
  });

  it('never holds operations against anybody that were neither answered nor made', async () => {
    const prober = await stage.probe({ workload: ONE_STATEMENT });
    for (let round = 1; round <= 12; round += 1) {
      await stage.untilMore(prober, 40);
      await stage.scratch.as('master', stage.database, async (client) => {
        await client.query('begin; lock table entry in access exclusive mode');
        await stage.untilAllWait(4, 'Lock');
        await stage.endSessions();
        await stage.until(prober, ({ unknown }) => unknown === 4 * round);
        await client.query('rollback');
      });
    }
    await prober.stop();
    expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
  });

  it('answers after SIGKILL for operations that were in flight, which the server finishes without it', async () => {
    const seen = new Set<string>();
    while (!(seen.has('update') && seen.has('delete'))) {
      const prober = await stage.probe({ workload: ONE_STATEMENT, ...FULL_SPEED });
      await stage.untilMore(prober, 200);
      await stage.scratch.as('master', stage.database, async (client) => {
        await client.query('begin; lock table entry in access exclusive mode');
        for (const query of await stage.untilAllWait(4, 'Lock')) seen.add(query.split(' ')[0] ?? '');
        process.kill(prober.pid as number, 'SIGKILL');
        await expect(prober.counts()).rejects.toThrow('ended by SIGKILL');
        await client.query('commit');
      });
    }
    const last = await stage.probe({ workload: ONE_STATEMENT });
    await stage.untilMore(last, 50);
    await last.stop();
    expect(await last.verify()).toMatchObject(NOTHING_WRONG);
  });

  it('judges while its writers go on', async () => {
    const prober = await stage.probe(FULL_SPEED);
    for (let round = 0; round < 5; round += 1) {
      await stage.untilMore(prober, 300);
      expect(await prober.verify()).toMatchObject(NOTHING_WRONG);
    }
    const vanished = await stage.sql('delete from part where number = 2');
    expect((await prober.verify()).lost).toBeGreaterThan(vanished / 2);
  });
});
