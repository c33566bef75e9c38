/** Runs a block of states from its entry to its end. */
import type { Branch } from './branch';
import type { StateBlock, StateType } from './definition';
import type { Engine, ExecutionIdentity } from './engine';
import { HarnessError } from './harness-error';
import type { JsonValue } from './json-value';
import type { Outcome } from './outcome';
import { type Behaviour, runState } from './run-state';
import { runChoice } from './state-types/choice-state';
import { runMap } from './state-types/map-state';
import { runParallel } from './state-types/parallel-state';
import { runFail, runPass, runSucceed } from './state-types/simple-states';
import { runTask } from './state-types/task-state';
import { runWait } from './state-types/wait-state';
import { type RunInside, Visit } from './visit';

export interface BlockRun {
  readonly engine: Engine;
  readonly identity: ExecutionIdentity;
  readonly branch: Branch;
  readonly block: StateBlock;
  readonly input: JsonValue;
}

const BEHAVIOURS: Readonly<Record<StateType, Behaviour>> = {
  Pass: runPass,
  Task: runTask,
  Choice: runChoice,
  Wait: runWait,
  Succeed: runSucceed,
  Fail: runFail,
  Parallel: runParallel,
  Map: runMap,
};

/** Resolves with the output of the state that ends the block. */
export async function runBlock({ engine, identity, branch, block, input }: BlockRun): Promise<JsonValue> {
  const runInside: RunInside = (inner, on, given) =>
    runBlock({ engine, identity, branch: on, block: inner, input: given });
  let at: Outcome = { next: block.StartAt, output: input };
  while (at.next !== undefined) {
    const state = block.States[at.next];
    if (!state) throw new HarnessError(`there is no state '${at.next}', which loading should have refused`);
    const visit = new Visit({ engine, identity, branch, name: at.next, state, input: at.output, runInside });
    at = await runState(visit, BEHAVIOURS[state.Type]);
  }
  branch.current = undefined;
  return at.output;
}
