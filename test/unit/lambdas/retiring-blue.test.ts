/** Retiring blue: the way back is given up when RDS has taken the order to delete blue, and not before. */
import { byHandOf, invokePhase, type Surroundings } from '../../../lambdas/handler';
import { retire } from '../../../lambdas/retire';
import { ControlPlaneRefused, ResourceBusy, SwitchoverRefused, TemporarilyUnavailable } from '../../../lib/core/errors';
import type { Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const BLUE = { host: 'blue.example', port: 5432 };
const GREEN = { host: 'green.example', port: 5432 };
const RUN = { version: 1, runId: 'run-1', memo: {}, results: {} } as unknown as Run;
const OWNED = { 'bluegreen:plan': 'orders', 'bluegreen:run': RUN.runId, 'bluegreen:disposable': 'false' };

/** @param refusal what RDS answers to the first order */
function world(refusal?: Error, { blueStatus = 'available', frozenBy = RUN.runId } = {}) {
  const done: string[] = [];
  let greenState = 'open';
  let blue = blueStatus;
  const onBlue = {
    record: async () => ({ runId: frozenBy, freeze: {} }),
    unsubscribe: async () => void done.push('blue stops following'),
  };
  const onGreen = {
    record: async () => ({ runId: RUN.runId, greenState }),
    moveGreen: async (_runId: string, from: readonly string[], to: string) => {
      const moves = from.includes(greenState) || greenState === to;
      greenState = moves ? to : greenState;
      return moves;
    },
    closeChannel: async (channel: string) =>
      void done.push(channel.endsWith('_rows') ? 'green keeps no names of rows' : 'green keeps nothing for blue'),
    release: async () => void done.push('green is released'),
  };
  const surroundings = {
    byHand: byHandOf(planFixture()),
    plan: planFixture({
      name: 'orders',
      sync: 'replication',
      followedDatabases: [],
      retire: { blue: 'delete', finalSnapshot: true },
    }),
    clock: { now: () => 0 },
    database: (address: { host: string }) => (address.host === BLUE.host ? onBlue : onGreen),
    controlPlane: {
      describe: async (identifier: string) => {
        const isGreen = identifier.includes('green');
        return {
          identifier,
          resourceId: isGreen ? 'green' : 'blue',
          status: isGreen ? 'available' : blue,
          tags: isGreen ? OWNED : {},
          address: isGreen ? GREEN : BLUE,
          deletionProtection: false,
        };
      },
      describeSnapshot: async () => undefined,
      deleteDatabase: async () => {
        if (refusal) {
          throw refusal;
        }
        done.push('RDS deletes blue');
        blue = 'deleting';
      },
    },
    endpoint: { target: async () => GREEN },
  };
  return { done, state: () => greenState, world: surroundings as unknown as World };
}

const said = { cause: new Error('User is not authorized to perform: rds:AddTagsToResource') };

test.each([
  ['a missing right', new ControlPlaneRefused('DeleteDBInstance', 'AccessDenied', said)],
  ['another operation', new ResourceBusy('DeleteDBInstance', said)],
])('a deletion that RDS refuses for %s leaves the way back as it was', async (_what, refusal) => {
  const { done, state, world: surroundings } = world(refusal);
  await expect(retire(RUN, surroundings)).rejects.toBe(refusal);
  expect({ done, state: state() }).toEqual({ done: [], state: 'open' });
});

test('a blue that this run did not freeze is not deleted, and the way back stays', async () => {
  const { done, state, world: surroundings } = world(undefined, { frozenBy: 'another' });
  await expect(retire(RUN, surroundings)).rejects.toBeInstanceOf(SwitchoverRefused);
  expect({ done, state: state() }).toEqual({ done: [], state: 'open' });
});

test('an order of which nobody knows whether RDS took it leaves no way back to a blue that may be going', async () => {
  const lost = new TemporarilyUnavailable('RDS (DeleteDBInstance)', { cause: new Error('socket hang up') });
  const { done, state, world: surroundings } = world(lost);
  await expect(retire(RUN, surroundings)).rejects.toBe(lost);
  expect({ done, state: state() }).toEqual({ done: [], state: 'retiring' });
});

test.each([
  ['once RDS has taken the order', 'available', ['RDS deletes blue']],
  ['also after the invocation that gave the order died', 'deleting', []],
])('the way back is ended %s', async (_when, blueStatus, before) => {
  const { done, state, world: surroundings } = world(undefined, { blueStatus });
  expect(await retire(RUN, surroundings)).toMatchObject({ status: 'waiting', retryAfterSeconds: 30 });
  expect({ done, state: state() }).toEqual({
    done: [...before, 'blue stops following', 'green keeps nothing for blue', 'green keeps no names of rows'],
    state: 'retiring',
  });
});

test('whatever RDS is too busy for is waited for, and what a phase remembers stays', async () => {
  const surroundings = { plan: planFixture(), clock: { now: () => 0 } } as unknown as Surroundings;
  const busy = async () => {
    throw new ResourceBusy('CreateDBSnapshot', { cause: new Error('it is backing-up') });
  };
  expect(await invokePhase(busy, { ...RUN, memo: { seen: 3 } }, surroundings, 60_000)).toMatchObject({
    status: 'waiting',
    retryAfterSeconds: 30,
    detail: expect.stringContaining('CreateDBSnapshot'),
    memo: { seen: 3 },
  });
});
