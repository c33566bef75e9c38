/** Starts a run of the small plan in a process of its own and lets a fault kill it. */
import { bluegreen, type Ended, processes, untilGone } from './command-line';
import { SMALL_PLAN } from './local-run-fixture';

/** @returns how the process ended; every process that worked for the run is gone then */
export async function killedRun(runId: string, faults: readonly string[]): Promise<Ended> {
  const { ended } = bluegreen([
    'local',
    SMALL_PLAN,
    ...['--run-id', runId, '--port', '0', '--pace', '1000', '--json', '--report', `/tmp/${runId}-report`],
    ...faults.flatMap((fault) => ['--fault', fault]),
  ]);
  const result = await ended;
  const servers = processes().filter(({ command }) => command.includes(runId));
  await untilGone(servers.map(({ pid }) => pid));
  return result;
}
