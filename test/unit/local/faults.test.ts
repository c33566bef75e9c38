import type { Run } from '../../../lib/core/run';
import { InjectedFault, parseFault, withFaults } from '../../../lib/local/faults';
import type { Database } from '../../../lib/ports/database';
import type { World } from '../../../lib/ports/world';

describe('a fault', () => {
  it.each([
    ['clone', { phase: 'clone', moment: 'after', times: undefined }],
    ['clone:before', { phase: 'clone', moment: 'before', times: undefined }],
    ['rollback*3', { phase: 'rollback', moment: 'after', times: 3 }],
    ['switchover:opened', { phase: 'switchover', moment: 'opened', times: undefined }],
    ['migrate:kill@12', { phase: 'migrate', moment: 'kill@12', times: undefined }],
  ])('%s is understood', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each(['', 'nap', 'clone:after', 'clone:opened', 'clone*0', 'clone:kill@', 'clone:kill@0'])(
    'refuses "%s", naming what is allowed',
    (text) => {
      expect(() => parseFault(text)).toThrow(
        /is not known; allowed: <phase>, <phase>:before or switchover:opened, each with \*N .*phases are prepare, snapshot, clone/,
      );
    },
  );
});

describe('a fault in the switchover', () => {
  const opened: string[] = [];
  const world = {
    database: (_: unknown, name = 'orders') => ({ open: async () => opened.push(name) }) as unknown as Database,
  } as unknown as World;
  const phase = withFaults<{ readonly opened: true }>(
    'switchover',
    async (run, { database }) => {
      const address = { host: 'green', port: 5432 };
      await database(address).open(run.runId);
      await database(address, 'warehouse').open(run.runId);
      return { status: 'done', result: { opened: true }, detail: '' };
    },
    { faults: [parseFault('switchover*1')], kill: async () => undefined },
  );
  const run = { runId: 'r1' } as Run;

  it('strikes before green is opened, and then leaves every database of the plan what it is', async () => {
    await expect(phase(run, world)).rejects.toThrow(InjectedFault);
    expect(opened).toEqual([]);
    await phase(run, world);
    expect(opened).toEqual(['orders', 'warehouse']);
  });
});
