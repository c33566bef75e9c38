/** guard: looks for runs that are not over although nothing works on them, and starts their recovery. */
import {
  isRunning,
  MOST_RECOVERIES,
  recoveryName,
  runIdOf,
  type SeenExecution,
  type Unfinished,
  unfinished,
} from '../lib/core/guarding';
import { belongsToRun, runNames } from '../lib/core/identifiers';
import { readiness } from '../lib/core/readiness';
import type { RunRecord } from '../lib/ports/database';
import type { Executions, Guard } from '../lib/ports/executions';
import type { World } from '../lib/ports/world';

/** Whatever ended before is not recovered by itself any more. */
const WINDOW_MS = 7 * 86_400_000;

/**
 * What EventBridge tells is a reason to look and no more: an event may come late, twice or never, so a schedule looks as well.
 *
 * @throws when a run was recovered in vain as often as it may be, or blue cannot be asked; what could be recovered was by then
 */
export const guard: Guard = async (world, executions, ended) => {
  const seen = withEnded(await executions.recent(world.clock.now() - WINDOW_MS), ended);
  const recovered: Record<string, string> = {};
  const inVain: Unfinished[] = [];
  const recover = async (run: Unfinished) => {
    const name = await startRecovery(executions, run);
    if (name) {
      recovered[run.runId] = name;
    } else {
      inVain.push(run);
    }
  };
  for (const run of unfinished(seen)) {
    await recover(run);
  }
  const stuck = await stuckRun(world);
  if (stuck && !seen.some((one) => isRunning(one) && runIdOf(one) === stuck.runId) && !recovered[stuck.runId]) {
    await recover(stuck);
  }
  if (inVain.length > 0) {
    const runs = inVain.map(({ runId, why }) => `run "${runId}": ${why}`).join('; ');
    throw new Error(
      `recovered ${MOST_RECOVERIES} times in vain; somebody has to look, and to start a recovery by hand with {"runId": …, "recover": true}: ${runs}`,
    );
  }
  return recovered;
};

function withEnded(seen: readonly SeenExecution[], ended: SeenExecution | undefined): readonly SeenExecution[] {
  if (!ended) {
    return seen;
  }
  const listed = seen.find(({ name }) => name === ended.name);
  return [...seen.filter((one) => one !== listed), { ...ended, input: ended.input ?? listed?.input }];
}

/** @returns under which name; undefined when it was tried as often as it may be */
async function startRecovery(executions: Executions, run: Unfinished): Promise<string | undefined> {
  for (let attempt = 1; attempt <= MOST_RECOVERIES; attempt += 1) {
    const name = recoveryName(run, attempt);
    if (await executions.start(name, { runId: run.runId, recover: true, why: run.why })) {
      return name;
    }
  }
  return undefined;
}

/** The run that keeps the application from writing: a side is frozen, and the other one does not serve. */
async function stuckRun(world: World): Promise<Unfinished | undefined> {
  const blue = await recordOf(world, world.plan.blue.identifier);
  if (!blue) {
    return undefined;
  }
  const { runId, freeze } = blue;
  if (freeze && !freeze.handedOver) {
    return { runId, cause: `freeze ${freeze.id}`, why: 'blue refuses writes for a run that nothing works on any more' };
  }
  const green = await recordOf(world, runNames(world.plan.name, runId).green, runId);
  if (green?.greenState === 'failing-back') {
    const why = 'the application was on its way back to blue, and nothing works on that any more';
    return { runId, cause: `failback ${green.freeze?.id ?? 'without a freeze'}`, why };
  }
  if (freeze && (green?.greenState === 'closed' || green?.greenState === 'abandoned')) {
    const why = 'blue handed the application over, and green was not opened';
    return { runId, cause: `freeze ${freeze.id}`, why };
  }
  return undefined;
}

/** @param ownRun of which run the database has to be */
async function recordOf(world: World, identifier: string, ownRun?: string): Promise<RunRecord | undefined> {
  const found = await world.controlPlane.describe(identifier);
  const own = found && (ownRun === undefined || belongsToRun(found.tags, world.plan.name, ownRun));
  if (!own || !found.address || readiness(found.status) !== 'usable') {
    return undefined;
  }
  const record = await world.database(found.address).record();
  return ownRun === undefined || record?.runId === ownRun ? record : undefined;
}
