import { clone } from '../../../lambdas/clone';
import { prepare } from '../../../lambdas/prepare';
import { rollback } from '../../../lambdas/rollback';
import { snapshot } from '../../../lambdas/snapshot';
import { switchover } from '../../../lambdas/switchover';
import { FreezeExpired, FreezeFailed, GreenNotOurs } from '../../../lib/core/errors';
import { runNames } from '../../../lib/core/identifiers';
import { type Invocation, PhaseWorld } from '../../support/phase-world';

const RUN = 'run-1';
const names = runNames('small', RUN);
const failure = { phase: 'validate', error: 'X', message: 'injected' } as const;

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
});
afterAll(() => world.close());

const green = () => world.addressOf(names.green);

describe('a run that is undone', () => {
  it('refuses to go on when its freeze ran out', async () => {
    const plan: Invocation['plan'] = (given) => ({ ...given, freeze: { timeoutSeconds: 60 } });
    await world.invoke(prepare, 'late', { plan });
    await world.invoke(snapshot, 'late', { plan });
    expect(await world.writable(world.blue)).toBe(false);
    await world.clock.sleep(61_000);
    for (const phase of [snapshot, clone, switchover]) {
      const error = await world.invoke<unknown>(phase as never, 'late', { plan }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(phase === switchover ? GreenNotOurs : FreezeExpired);
    }
    expect(await world.complete(rollback, 'late', { plan, failure })).toMatchObject({ outcome: 'rolled-back' });
    expect(await world.writable(world.blue)).toBe(true);
    expect(await world.controlPlane.describeSnapshot(runNames('small', 'late').snapshot)).toBeUndefined();
  });

  it('leaves the freeze and the lock of another run alone', async () => {
    await world.invoke(prepare, RUN);
    await world.complete(snapshot, RUN);
    const freeze = await world.freezeOf(world.blue);
    await world.complete(rollback, 'other', { failure });
    expect(await world.freezeOf(world.blue)).toBe(freeze);
    expect(await world.writable(world.blue)).toBe(false);
    await expect(world.invoke(clone, 'other')).rejects.toBeInstanceOf(FreezeFailed);
    await expect(world.invoke(snapshot, 'other')).rejects.toMatchObject({ name: 'RunLocked', holder: RUN });
  });

  it('keeps its snapshot where the plan says so, and names it with the command that removes it', async () => {
    const plan: Invocation['plan'] = (given) => ({ ...given, snapshot: { keep: true } });
    expect(await world.complete(rollback, RUN, { plan, failure })).toEqual({
      outcome: 'rolled-back',
      serving: 'blue',
      reasons: ['green does not exist'],
      leftovers: [
        {
          what: `snapshot ${names.snapshot}, kept as the plan asks`,
          command: `aws rds delete-db-snapshot --db-snapshot-identifier ${names.snapshot}`,
        },
      ],
    });
    expect(await world.writable(world.blue)).toBe(true);
  });

  it('does not adopt the snapshot of an earlier freeze when it is started again: blue was written to since', async () => {
    await world.write(world.blue, 'written between the freezes');
    await world.invoke(prepare, RUN);
    await world.complete(snapshot, RUN);
    await world.complete(clone, RUN);
    expect(await world.has(await green(), 'written between the freezes')).toBe(true);
  });

  it('does not adopt green of an earlier freeze either', async () => {
    const first = await world.controlPlane.describe(names.green);
    await world.sql(
      world.blue,
      `create or replace function bluegreen.refuse_write() returns trigger language plpgsql as 'begin return null; end';
       update bluegreen.run set freeze_id = null, frozen_until = null, fenced = false, lifted_at = clock_timestamp()`,
    );
    await world.write(world.blue, 'written after green was made');
    await world.complete(snapshot, RUN);
    await world.complete(clone, RUN);
    const second = await world.controlPlane.describe(names.green);
    expect(second?.resourceId).not.toBe(first?.resourceId);
    expect(await world.has(await green(), 'written after green was made')).toBe(true);
  });

  it('gives blue back although the endpoint was swapped already, as long as green is not open', async () => {
    await world.controlPlane.tag(names.green, { 'bluegreen:disposable': 'false' });
    await world.controlPlane.setDeletionProtection(names.green, true);
    world.endpoint = await green();
    expect(await world.complete(rollback, RUN, { failure })).toMatchObject({
      outcome: 'rolled-back',
      serving: 'blue',
      leftovers: [],
    });
    expect(world.endpoint).toEqual(world.blue);
    expect(await world.writable(world.blue)).toBe(true);
    expect(await world.controlPlane.describe(names.green)).toBeUndefined();
    expect(await world.sql(world.blue, `select from pg_namespace where nspname = 'bluegreen'`)).toEqual([]);
  });
});
