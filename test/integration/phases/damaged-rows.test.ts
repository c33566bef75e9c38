/** Somebody else writes to the side that follows after both sides were proved equal: found before it takes over, and while the other one serves. */
import { bake } from '../../../lambdas/bake';
import { clone } from '../../../lambdas/clone';
import { failback } from '../../../lambdas/failback';
import { follow } from '../../../lambdas/follow';
import { migrate } from '../../../lambdas/migrate';
import { prepare } from '../../../lambdas/prepare';
import { rollback } from '../../../lambdas/rollback';
import { snapshot } from '../../../lambdas/snapshot';
import { switchover } from '../../../lambdas/switchover';
import { validate } from '../../../lambdas/validate';
import { runNames } from '../../../lib/core/identifiers';
import type { Plan } from '../../../lib/core/plan';
import type { RunResults } from '../../../lib/core/run';
import { changes, following } from '../../support/following-plan';
import { PhaseWorld } from '../../support/phase-world';

const plan = following(({ changes, report, switchover: settings }) => ({
  changes: changes.filter(({ kind }) => kind === 'expand'),
  report: { ...report, showValues: true },
  switchover: { ...settings, attempts: 1 },
}));

const DAMAGE = `
  set session_replication_role = replica;
  update account set balance = -1 where id = 7;
  delete from "Mixed Case" where id = 8;
  insert into account (id, name) overriding system value values (100000, 'extra')`;

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
});
afterAll(() => world.close());

/** Up to the verdict, as the state machine does. */
async function proved(runId: string): Promise<RunResults> {
  let results: RunResults = {};
  for (const [name, phase] of Object.entries({ prepare, snapshot, clone, migrate, follow, validate })) {
    results = { ...results, [name]: await world.complete<unknown>(phase, runId, { plan, results }) };
  }
  expect(results.validate).toMatchObject({ pass: true });
  return results;
}

const green = (runId: string) => runNames(world.plan.name, runId).green;

test('a change that hides a new type, in which later values would differ from copied ones, is found out about before green follows', async () => {
  const sql = `-- bluegreen: declares values account.balance
    do $$ begin alter table account alter column balance drop default, alter column balance type money using balance::money; end $$`;
  const hiding = (loaded: Plan): Plan => ({ ...plan(loaded), changes: changes({ '0001_hide.sql': sql }) });
  await world.complete(prepare, 'hiding', { plan: hiding });
  await world.complete(snapshot, 'hiding', { plan: hiding });
  await world.complete(clone, 'hiding', { plan: hiding });
  await expect(world.complete(migrate, 'hiding', { plan: hiding })).rejects.toMatchObject({ name: 'TypesNotFollowed' });
  await world.complete(rollback, 'hiding', { plan: hiding });
});

test('rows that are damaged on green after the verdict keep green from taking over, each by name', async () => {
  const results = await proved('damaged');
  await world.write(world.blue, 'written after the verdict');
  await world.asAdmin(green('damaged'), DAMAGE);
  const error = await world.invoke(switchover, 'damaged', { plan, results }).catch((caught: Error) => caught);
  expect(error).toMatchObject({
    name: 'ValidationFailed',
    message: expect.stringContaining('public.account: row (id = "7"): balance is "7" on blue and "-1" on green'),
  });
  expect(error).toMatchObject({
    message: expect.stringContaining('public.Mixed Case: row (id = "8") is missing on green'),
  });
  expect(error).toMatchObject({
    message: expect.stringContaining('public.account: row (id = "100000") is on green only'),
  });
  expect(await world.writable(world.blue)).toBe(true);
  expect(world.endpoint).toEqual(world.blue);
  const failure = { phase: 'switchover', error: 'ValidationFailed', message: '' } as const;
  expect(await world.complete(rollback, 'damaged', { plan, results, failure })).toMatchObject({
    outcome: 'rolled-back',
  });
  expect(await world.sql(world.blue, 'select slot_name from pg_replication_slots')).toEqual([]);
  expect(await world.sql(world.blue, 'select pubname from pg_publication')).toEqual([]);
});

test('rows that are damaged on blue while green serves are found, and nobody moves back to them', async () => {
  const results = await proved('served');
  await world.write(world.blue, 'the last on blue');
  const moved = await world.complete(switchover, 'served', { plan, results });
  expect(moved).toMatchObject({ serving: 'green', wayBack: true, changedRows: { skipped: [] } });
  expect(moved.changedRows?.compared).toBeGreaterThan(0);
  const onGreen = await world.addressOf(green('served'));
  await world.write(onGreen, 'the first on green');
  const baking = { plan: (loaded: Plan) => ({ ...plan(loaded), bake: { ...loaded.bake, seconds: 1 } }) };
  expect(await world.complete(bake, 'served', { ...baking, results })).toMatchObject({ changedRows: { compared: 1 } });
  await world.asAdmin(world.plan.blue.identifier, DAMAGE);
  await expect(world.invoke(bake, 'served', { plan, results })).rejects.toMatchObject({
    name: 'WayBackDiffers',
    message: expect.stringMatching(
      /public.account: row \(id = "7"\): balance is "-1" on blue and "7" on green[\s\S]*public.Mixed Case: row \(id = "8"\) is on green only/,
    ),
  });
  expect(await world.complete(failback, 'served', { plan, results })).toMatchObject({
    outcome: 'needs-attention',
    serving: 'green',
    reasons: [expect.stringMatching(/slot \w+_rows on blue, which says which rows changed, is gone/)],
  });
  expect(await world.has(onGreen, 'the first on green')).toBe(true);
  await world.write(onGreen, 'green serves on');
});
