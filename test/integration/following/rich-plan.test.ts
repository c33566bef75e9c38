/** Whole runs of a database with everything a database of some age holds, there and back, on every major version. */

import { PHASE_ROWS } from '../../../lib/core/phases';
import type { Plan } from '../../../lib/core/plan';
import { runLocally } from '../../support/local-run-fixture';
import { MAJORS } from '../../support/majors';
import {
  contentOf,
  type HandedOut,
  handOutNumbers,
  numbersHandedOutAgain,
  RICH_PLAN,
  type TableContent,
  writeEveryKind,
} from '../../support/rich-database';
import type { RunServers } from '../../support/run-servers';

/** What the side that served held, and which numbers it had handed out, when it was left. */
class Left {
  private content: TableContent[] = [];
  private numbers: HandedOut[] = [];

  async write(servers: RunServers, side: 'onBlue' | 'onGreen'): Promise<void> {
    await writeEveryKind((sql) => servers.asApplication(sql));
    this.content = await contentOf((sql) => servers[side](sql));
    this.numbers = await handOutNumbers((sql) => servers[side](sql));
  }

  async expectFound(servers: RunServers, side: 'onBlue' | 'onGreen'): Promise<void> {
    expect(this.content.map(({ name }) => name)).toHaveLength(15);
    expect(await contentOf((sql) => servers[side](sql))).toEqual(this.content);
    expect(this.numbers.map(({ sequence }) => sequence)).toHaveLength(7);
    expect(await numbersHandedOutAgain(this.numbers, (sql) => servers[side](sql))).toEqual([]);
  }
}

describe.each(MAJORS)('on PostgreSQL %i', (major) => {
  test('everything arrives on green, and no number is handed out twice', async () => {
    const blue = new Left();
    const report = await runLocally({
      major,
      planFolder: RICH_PLAN,
      whenEntered: { [PHASE_ROWS.follow.isDone]: (servers) => blue.write(servers, 'onBlue') },
      afterRun: (_runtime, _report, servers) => blue.expectFound(servers, 'onGreen'),
    });
    expect(report).toMatchObject({ outcome: 'migrated', serving: 'green', leftovers: [], reason: null });
    expect(report.engine).toMatch(new RegExp(`^postgres ${major}\\.`));
    expect(report.validation).toMatchObject({ tables: 15, mismatches: [] });
  });

  test('everything green accepted is on blue after a failback, and no number is handed out twice', async () => {
    const green = new Left();
    const report = await runLocally({
      major,
      planFolder: RICH_PLAN,
      plan: bakeUntilAlarm,
      // the application has changed rows; how they have to be is looked at afterwards
      expectedOfBlue: ({ catalog }) => ({ catalog, rows: new Map() }),
      whenEntered: {
        [PHASE_ROWS.follow.sentence]: (servers) => writeEveryKind((sql) => servers.asApplication(sql)),
        [PHASE_ROWS.bake.wait]: async (servers) => {
          await green.write(servers, 'onGreen');
          servers.runtime.alarms.fire('errors', 'too many of them');
        },
      },
      afterRun: (_runtime, _report, servers) => green.expectFound(servers, 'onBlue'),
    });
    expect(report).toMatchObject({
      outcome: 'failed-back',
      serving: 'blue',
      reason: { phase: 'bake', error: 'AlarmFired' },
    });
  });
});

/** So long that only the alarm ends it. */
function bakeUntilAlarm(plan: Plan): Plan {
  return { ...plan, bake: { ...plan.bake, seconds: 2_592_000 } };
}
