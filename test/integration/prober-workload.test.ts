/** What a real server says about a workload before it is used: whether it can be run, and whether its rows can be judged. */
import { requireUsableWorkload } from '../../lib/local/prober/require-usable-workload';
import type { Workload } from '../../lib/local/prober/workload';
import { WorkloadUnusable } from '../../lib/local/prober/workload-unusable';
import { PASSWORD, ScratchServer } from '../support/scratch-server';

const WORKLOAD: Required<Workload> = {
  write: 'insert into entry values ($1, $2); update total set amount = amount + $2::bigint',
  update: 'update entry set value = $2 where key = $1',
  delete: 'delete from entry where key = $1',
  read: 'select key, value, value is not null as complete from entry',
};

let scratch: ScratchServer;
let database: string;

async function begin(major: number): Promise<void> {
  scratch = await ScratchServer.start({ major });
  database = await scratch.createDatabase();
  await scratch.as('master', database, async (master) => {
    await master.query(`create table entry (key text, value integer, label text); create table total (amount bigint);
                        create table secret (key text, value integer);
                        grant select, insert, update, delete on entry, total to app; grant select on secret to app`);
  });
}

async function refusal(changed: Partial<Workload>): Promise<string> {
  const login = { host: '127.0.0.1', port: scratch.port, database, user: 'app', password: PASSWORD };
  try {
    await requireUsableWorkload({ ...WORKLOAD, ...changed }, login);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(WorkloadUnusable);
    expect((error as Error).message).toMatch(/; mend the statement, or let local\/seed.sql make what it needs/);
    return (error as Error).message.split(';')[0] as string;
  }
}

const cannot = (kind: string, why: string) => `local/workload.sql: user "app" cannot run the ${kind}: ${why}`;

describe.each([15, 18])('a workload for PostgreSQL %i', (major) => {
  beforeAll(() => begin(major));
  afterAll(() => scratch.remove());

  it.each<[string, Partial<Workload>]>([
    ['whose every statement the server takes', {}],
    ['whose write does not use its parameters in order', { write: 'insert into entry (value, key) values ($2, $1)' }],
    ['whose second statement takes only $2', { write: 'insert into entry values ($1); update total set amount = $2' }],
    [
      'that reads with a common table expression',
      { read: 'with e as (table entry) select key, value from e order by 1' },
    ],
    ['that calls what cannot be planned', { delete: 'call anything($1)' }],
    ['that reads more than integers hold', { read: 'select key, value::int8 from entry' }],
  ])('is accepted %s, and none of them is run', async (_, changed) => {
    expect(await refusal(changed)).toBe('accepted');
    const rows = await scratch.as('app', database, (app) => app.query('select from entry'));
    expect(rows.rowCount).toBe(0);
  });

  it.each<[string, Partial<Workload>, string]>([
    ['update', { update: 'update nowhere set value = $2 where key = $1' }, 'relation "nowhere" does not exist'],
    ['delete', { delete: 'delete from secret where key = $1' }, 'permission denied for table secret'],
    [
      'write',
      { write: 'insert into entry values ($1, $2); insert into secret values ($1)' },
      'permission denied for table secret',
    ],
    ['read', { read: 'select key, value from nowhere' }, 'relation "nowhere" does not exist'],
    ['read', { read: 'delete from entry returning key, value' }, 'syntax error at or near "delete"'],
    [
      'read',
      { read: 'select key from entry' },
      'it returns no column "value", without which an update cannot be found again',
    ],
    [
      'read',
      { read: 'select key, value, label from entry' },
      'it returns a column "label" that says nothing to the prober',
    ],
    ['read', { read: 'select key, value, value from entry' }, 'it returns two columns "value"'],
    [
      'read',
      { read: 'select key, label as value from entry' },
      'its column "value" is not an integer, but of the type with oid 25',
    ],
    [
      'read',
      { read: 'select key, value, 1 as complete from entry' },
      'its column "complete" is not a boolean, but of the type with oid 23',
    ],
    ['read', { read: 'select from entry' }, 'it returns no column'],
  ])('is refused when the server does not take its %s: %p', async (kind, changed, why) => {
    expect(await refusal(changed)).toBe(cannot(kind, why));
  });

  it('is refused when it reads a value that its write does not store', async () => {
    const login = { host: '127.0.0.1', port: scratch.port, database, user: 'app', password: PASSWORD };
    const workload: Workload = { write: 'insert into entry values ($1)', read: 'select key, value from entry' };
    await expect(requireUsableWorkload(workload, login)).rejects.toThrow(
      cannot(
        'read',
        'it returns a column "value", but the write stores none: it does not take $2; allowed are the key',
      ),
    );
  });
});
