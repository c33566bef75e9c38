/** Changes that take longer than an invocation of migrate: here an invocation has 2 s, and a change takes 10 s. */
import type { Client } from 'pg';
import { clone } from '../../../lambdas/clone';
import { migrate } from '../../../lambdas/migrate';
import { prepare } from '../../../lambdas/prepare';
import { snapshot } from '../../../lambdas/snapshot';
import type { Change } from '../../../lib/core/changes';
import { ChangeFailed, TemporarilyUnavailable } from '../../../lib/core/errors';
import { runNames } from '../../../lib/core/identifiers';
import { type Progress, type Waiting, waiting } from '../../../lib/core/progress';
import type { MigrateResult } from '../../../lib/core/run';
import { changes } from '../../support/following-plan';
import { type Invocation, PhaseWorld } from '../../support/phase-world';

const RUN = 'run-1';
const { green } = runNames('small', RUN);
const LIMIT_MS = 2_000;
const BEGUN_OR_ENDED = 'the server is just beginning or ending a change';

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
  for (const phase of [prepare, snapshot, clone]) {
    await world.complete<unknown>(phase as never, RUN);
  }
});
afterAll(() => world.close());

const planned: Change[] = [];

/** The plan gets one more change. */
function add(sql: string): void {
  planned.push(...changes({ [`000${planned.length + 1}_x.sql`]: sql }));
}

function invoke(limitMs = LIMIT_MS): Promise<Progress<MigrateResult>> {
  const plan: Invocation['plan'] = (given) => ({ ...given, changes: planned });
  return world.invoke(migrate, RUN, { plan, limitMs });
}

/** One invocation after the other, as the state machine makes them. @returns what they waited for */
async function complete(): Promise<string[]> {
  const details: string[] = [];
  for (;;) {
    const progress = await invoke().catch(triedAgain);
    if (progress.status === 'done') {
      return details;
    }
    details.push(progress.detail);
    await world.clock.sleep(progress.retryAfterSeconds * 1000);
  }
}

function triedAgain(error: unknown): Waiting {
  if (error instanceof TemporarilyUnavailable) {
    return waiting(10, error.message);
  }
  throw error;
}

async function sql<Row extends object>(text: string): Promise<Row[]> {
  return world.sql(await world.addressOf(green), text);
}

const ledger = () => sql('select number::int from bluegreen.change order by number');
const attempts = (number: number) => sql(`select from bluegreen.change_attempt where number = ${number}`);

/** What a change waits for until the test lets it go on, or the server crashes. */
async function closedGate(): Promise<Client> {
  const client = await world.rds.serverOf(green)?.connect(world.plan.blue.database);
  await client?.query('select pg_advisory_lock(42)');
  return client as Client;
}

/** What comes after the changes takes more than one short invocation, too. */
const ANALYZING = /tables of green are still to be analyzed$/;
const GATE = 'select pg_advisory_lock(42)';

it('is finished by the server, is found at work by the invocations after, and is in the ledger once', async () => {
  add('create table made ();\nselect pg_sleep(10);\nalter table account add column currency text');
  const details = await complete();
  const atWork = details.filter((detail) => detail !== BEGUN_OR_ENDED && !ANALYZING.test(detail));
  expect(atWork.length).toBeGreaterThan(1);
  for (const detail of atWork) {
    expect(detail).toMatch(/^the server has been applying changes\/0001_x\.sql for \d+ s; statement 2 of 3$/);
  }
  expect(await ledger()).toEqual([{ number: 1 }]);
  expect(await attempts(1)).toHaveLength(1);
  expect(await sql('select currency from account where id = 1')).toEqual([{ currency: null }]);
});

it('that fails at last is reported with the message of the server, SQLSTATE, file and line', async () => {
  add('create table half ();\nselect pg_sleep(10);\n\ninsert into account (id) values (1);');
  const error = await complete().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ChangeFailed);
  expect((error as Error).message).toBe(
    [
      'changes/0002_x.sql:4:1: cannot insert a non-DEFAULT value into column "id" (SQLSTATE 428C9)',
      '  insert into account (id) values (1);',
      '  ^',
      '  Column "id" is an identity column defined as GENERATED ALWAYS.',
    ].join('\n'),
  );
  expect(await attempts(2)).toHaveLength(1);
  expect(await ledger()).toEqual([{ number: 1 }]);
  expect(await sql(`select to_regclass('half')::text as half`)).toEqual([{ half: null }]);
  planned.pop();
});

it('that the server loses in a crash is begun anew, and applied once', async () => {
  const gate = await closedGate();
  add(`create table twice ();\n${GATE}`);
  expect(await invoke()).toMatchObject({ status: 'waiting', detail: expect.stringContaining('waiting for a lock') });
  await world.rds.crash(green);
  await complete();
  expect(await ledger()).toEqual([{ number: 1 }, { number: 2 }]);
  expect(await attempts(2)).toHaveLength(3); // one was that of the change that failed
  await gate.end();
});

it('is left alone by an invocation that comes while another one waits for it', async () => {
  const gate = await closedGate();
  add(`create table alone ();\n${GATE}`);
  const first = invoke(600_000);
  while ((await sql(`select from pg_locks where locktype = 'advisory' and not granted`)).length === 0);
  expect(await invoke(600_000)).toMatchObject({
    status: 'waiting',
    detail: expect.stringContaining('applying changes/0003_x.sql'),
  });
  await gate.query('select pg_advisory_unlock(42)');
  await first;
  expect(await ledger()).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
  expect(await attempts(3)).toHaveLength(1);
  await gate.end();
});

it('begins no change when its time is up', async () => {
  add('create table late ()');
  expect(await invoke(0)).toMatchObject({ status: 'waiting', detail: '1 changes are still to be applied' });
  expect(await attempts(4)).toEqual([]);
});
