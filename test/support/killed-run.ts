/** A run of the small plan in a process of its own that a fault kills, and that goes on afterwards. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../lib/core/plan';
import type { RunReport } from '../../lib/report/report';
import { bluegreen } from './command-line';
import { processes, untilGone } from './lifetime/processes';
import { newTestRunId, resumeLocally, SMALL_PLAN, seedLocally } from './local-run-fixture';

/** @returns how the run ended that was killed by the last fault and gone on with; its invariants are checked */
export async function killedAndGoneOn(faults: readonly string[], sync: Plan['sync'] = 'freeze'): Promise<RunReport> {
  const runId = newTestRunId();
  const before = await seedLocally(runId);
  const report = join(tmpdir(), `${runId}-report`);
  try {
    const { ended } = bluegreen([
      'local',
      SMALL_PLAN,
      ...['--run-id', runId, '--port', '0', '--pace', '1000', '--json', '--report', report, '--sync', sync],
      ...faults.flatMap((fault) => ['--fault', fault]),
    ]);
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    await untilGone(processes().flatMap(({ pid, command }) => (command.includes(runId) ? [pid] : [])));
    return await resumeLocally(runId, before, (plan) => ({ ...plan, sync }));
  } finally {
    rmSync(report, { recursive: true, force: true });
  }
}
